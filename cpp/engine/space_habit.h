#pragma once

#include <array>
#include <string>
#include <string_view>

namespace reprise {

/// The white space that a text of JSON usually has where it may have any: what it had after the same
/// character the last time, strings aside. At first it is a space after a colon or a comma, and none
/// elsewhere.
class SpaceHabit {
public:
    SpaceHabit();

    /// Takes more of the text.
    void read(std::string_view text);
    /// The white space that stands after the character.
    const std::string & after(char character) const;
    /// The text's last character; NUL where there is none.
    char last() const { return last_; }

private:
    std::array<std::string, 128> spaces_; ///< by the ASCII character before them
    std::string spaces_read_;             ///< since the last other character
    char before_ = '\0';                  ///< that character
    char last_ = '\0';
    bool in_string_ = false;
    bool escaped_ = false;
};

} // namespace reprise
