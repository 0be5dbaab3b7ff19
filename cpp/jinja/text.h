#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::jinja {

/// UTF-8 whose bytes know whether they come from a template or from the content that it was given.
class Text {
public:
    Text() = default;
    Text(std::string bytes) : bytes_(std::move(bytes)) {}
    Text(std::string_view bytes) : bytes_(bytes) {}
    Text(const char * bytes) : bytes_(bytes) {}
    /// A text all of which is content.
    static Text content(std::string bytes);

    const std::string & bytes() const { return bytes_; }
    std::string_view view() const { return bytes_; }
    size_t size() const { return bytes_.size(); }
    bool empty() const { return bytes_.empty(); }
    /// For each byte 1 where it is content and 0 where it is not; empty where none is.
    const std::string & marks() const { return marks_; }

    Text & operator+=(const Text & other);
    Text substr(size_t begin, size_t size = std::string::npos) const;
    /// Appends `bytes`, which are content where the byte `at` of the text `of` is.
    void append_as(std::string_view bytes, const Text & of, size_t at);

private:
    std::string bytes_;
    std::string marks_;
};

/// The code point of `text` that begins at byte `at`, which is moved behind it. A byte that begins no code
/// point stands for itself.
uint32_t next_code_point(std::string_view text, size_t & at);
/// The bytes of a code point.
std::string utf8(uint32_t code_point);
/// The byte offsets of all code points, and the size behind the last.
std::vector<size_t> code_point_offsets(std::string_view text);
/// How many code points the text has.
size_t code_points(std::string_view text);

/// Whether Python's `str.isspace` says that it is white space.
bool is_space(uint32_t code_point);
bool is_letter(uint32_t code_point);
bool is_number(uint32_t code_point);
bool is_printable(uint32_t code_point);
/// The bytes of a letter in the other case, which may be several letters; those of the code point where it
/// has none.
std::string upper(uint32_t code_point);
std::string lower(uint32_t code_point);

/// The text with each code point replaced by what `map` gives for it and for its byte offset. What `map`
/// gives is content where the code point was.
Text map_code_points(const Text & text, const std::function<std::string(uint32_t, size_t)> & map);
/// The text without the code points at its ends for which `strips` is true; by default it is true for white
/// space.
Text strip(const Text & text, bool left, bool right, const std::function<bool(uint32_t)> & strips);
Text strip(const Text & text, bool left, bool right);

} // namespace reprise::jinja
