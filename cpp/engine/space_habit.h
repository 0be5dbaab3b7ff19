#pragma once

#include <array>
#include <string>
#include <string_view>

namespace reprise {

/// The end of a text: its last character but for white space, and that white space.
class TextEnd {
public:
    void read(char character);
    void read(std::string_view text) {
        for (const char c : text) read(c);
    }

    /// NUL where there is none.
    char last() const { return last_; }
    const std::string & spaces() const { return spaces_; }
    /// How far the line with the last character is indented.
    int indent() const { return indent_; }

private:
    char last_ = '\0';
    std::string spaces_;
    int indent_ = 0;
};

/// The white space that a text of JSON usually has where it may have any: what it had between two characters
/// of the same kinds the last time, strings aside, with lines indented by as much more or less. At first it
/// is a space after a colon or a comma, and none elsewhere.
class SpaceHabit {
public:
    SpaceHabit();

    /// Takes more of the text.
    void read(std::string_view text);
    /// The end of the text.
    const TextEnd & end() const { return end_; }
    /// What is usual between an end, its own white space aside, and the character.
    std::string before(char character, const TextEnd & end) const;

private:
    /// `{ [ : ,` one by one, `} ]` together, and all that values are made of.
    static constexpr size_t kinds = 6;
    static size_t kind_of(char character);

    struct Spaces {
        std::string text;      ///< up to the last line's beginning
        bool new_line = false; ///< whether a line's indentation follows
        int deeper = 0;        ///< than that of the line before
        char fill = ' ';       ///< what it is made of
    };
    std::array<std::array<Spaces, kinds>, kinds> habits_; ///< by the kinds of the characters around
    TextEnd end_;
    bool in_string_ = false;
    bool escaped_ = false;
};

} // namespace reprise
