#include "jinja/text.h"

#include <algorithm>
#include <map>

#include "unicode-data.h" // llama.cpp's internal headers, of the pinned commit
#include "unicode.h"

namespace reprise::jinja {

Text Text::content(std::string bytes) {
    Text text(std::move(bytes));
    text.marks_.assign(text.bytes_.size(), '\1');
    return text;
}

Text & Text::operator+=(const Text & other) {
    if (!other.marks_.empty() || !marks_.empty()) {
        marks_.resize(bytes_.size(), '\0');
        marks_ += other.marks_;
        marks_.resize(bytes_.size() + other.bytes_.size(), '\0');
    }
    bytes_ += other.bytes_;
    return *this;
}

Text Text::substr(size_t begin, size_t size) const {
    Text part(bytes_.substr(begin, size));
    if (!marks_.empty()) part.marks_ = marks_.substr(begin, size);
    return part;
}

void Text::append_as(std::string_view bytes, const Text & of, size_t at) {
    const bool marked = !of.marks_.empty() && of.marks_[at];
    if (marked || !marks_.empty()) {
        marks_.resize(bytes_.size(), '\0');
        marks_.append(bytes.size(), marked ? '\1' : '\0');
    }
    bytes_ += bytes;
}

uint32_t next_code_point(std::string_view text, size_t & at) {
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
    const uint32_t first = byte(at);
    const size_t length = first < 0x80 ? 1 : first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (length == 1 || at + length > text.size()) {
        ++at;
        return first;
    }
    uint32_t value = first & (0x7F >> length);
    for (size_t i = 1; i < length; ++i) value = value << 6 | (byte(at + i) & 0x3F);
    at += length;
    return value;
}

std::string utf8(uint32_t code_point) {
    return unicode_cpt_to_utf8(std::min<uint32_t>(code_point, 0x10FFFF));
}

std::vector<size_t> code_point_offsets(std::string_view text) {
    std::vector<size_t> offsets;
    for (size_t at = 0; at < text.size(); next_code_point(text, at)) offsets.push_back(at);
    offsets.push_back(text.size());
    return offsets;
}

size_t code_points(std::string_view text) {
    size_t count = 0;
    for (size_t at = 0; at < text.size(); next_code_point(text, at)) ++count;
    return count;
}

bool is_space(uint32_t c) {
    return (c >= 9 && c <= 13) || (c >= 28 && c <= 32) || c == 133 || c == 160 || c == 5760 ||
           (c >= 8192 && c <= 8202) || c == 8232 || c == 8233 || c == 8239 || c == 8287 || c == 12288;
}

bool is_letter(uint32_t c) {
    return unicode_cpt_flags_from_cpt(c).is_letter;
}

bool is_number(uint32_t c) {
    return unicode_cpt_flags_from_cpt(c).is_number;
}

bool is_printable(uint32_t c) {
    if (c == ' ') return true;
    const unicode_cpt_flags flags = unicode_cpt_flags_from_cpt(c);
    return !flags.is_separator && !flags.is_control && !flags.is_undefined;
}

std::string upper(uint32_t c) {
    // These letters become several; llama.cpp's table has the rest.
    static const std::map<uint32_t, std::string> several = {
        {0xDF, "SS"},   {0x149, "\u02BCN"}, {0x1F0, "J\u030C"}, {0xFB00, "FF"}, {0xFB01, "FI"},
        {0xFB02, "FL"}, {0xFB03, "FFI"},    {0xFB04, "FFL"},    {0xFB05, "ST"}, {0xFB06, "ST"}};
    if (c < 0x80) return std::string(1, static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c));
    if (const auto found = several.find(c); found != several.end()) return found->second;
    static const std::map<uint32_t, uint32_t> table(unicode_map_uppercase.begin(),
                                                    unicode_map_uppercase.end());
    const auto found = table.find(c);
    return utf8(found == table.end() ? c : found->second);
}

std::string lower(uint32_t c) {
    if (c < 0x80) return std::string(1, static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c));
    if (c == 0x130) return "i\u0307";
    return utf8(unicode_tolower(c));
}

Text map_code_points(const Text & text, const std::function<std::string(uint32_t, size_t)> & map) {
    Text mapped;
    for (size_t at = 0; at < text.size();) {
        const size_t begin = at;
        const uint32_t code_point = next_code_point(text.view(), at);
        mapped.append_as(map(code_point, begin), text, begin);
    }
    return mapped;
}

Text strip(const Text & text, bool left, bool right, const std::function<bool(uint32_t)> & strips) {
    size_t begin = 0;
    size_t end = text.size();
    while (left && begin < end) {
        size_t next = begin;
        if (!strips(next_code_point(text.view(), next))) break;
        begin = next;
    }
    while (right && end > begin) {
        size_t last = end - 1;
        while (last > begin && (static_cast<unsigned char>(text.bytes()[last]) & 0xC0) == 0x80) --last;
        size_t at = last;
        if (!strips(next_code_point(text.view(), at))) break;
        end = last;
    }
    return text.substr(begin, end - begin);
}

Text strip(const Text & text, bool left, bool right) {
    return strip(text, left, right, is_space);
}

} // namespace reprise::jinja
