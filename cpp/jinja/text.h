#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::jinja {

/// UTF-8 whose bytes know whether they come from a template or from what it was given as content.
class Text {
public:
    Text() = default;
    Text(std::string bytes) : bytes_(std::move(bytes)) {}
    Text(std::string_view bytes) : bytes_(bytes) {}
    Text(const char * bytes) : bytes_(bytes) {}
    static Text content(std::string bytes);

    const std::string & bytes() const { return bytes_; }
    std::string_view view() const { return bytes_; }
    size_t size() const { return bytes_.size(); }
    bool empty() const { return bytes_.empty(); }
    /// Empty where nothing is content, else 1 or 0 for each byte.
    const std::string & marks() const { return marks_; }

    Text & operator+=(const Text & other);
    Text substr(size_t begin, size_t size = std::string::npos) const;
    /// Appends `bytes` in place of this text's byte `at`, content as that is.
    void append_as(std::string_view bytes, const Text & of, size_t at);

private:
    std::string bytes_;
    std::string marks_;
};

/// A code point of `text` from byte `at` on, which is moved behind it; a byte that begins none stands for
/// itself.
uint32_t next_code_point(std::string_view text, size_t & at);
std::string utf8(uint32_t code_point);
/// Byte offsets of all code points, and at the end the size.
std::vector<size_t> code_point_offsets(std::string_view text);
size_t code_points(std::string_view text);

/// As in Python's `str.isspace`.
bool is_space(uint32_t code_point);
bool is_letter(uint32_t code_point);
bool is_number(uint32_t code_point);
bool is_printable(uint32_t code_point);
std::string upper(uint32_t code_point);
std::string lower(uint32_t code_point);

/// Each code point mapped on its own; the results are content where the code points were.
Text map_code_points(const Text & text, const std::function<std::string(uint32_t, size_t)> & map);
/// Without code points at the ends for which `strips` is true.
Text strip(const Text & text, bool left, bool right, const std::function<bool(uint32_t)> & strips);
Text strip(const Text & text, bool left, bool right);

} // namespace reprise::jinja
