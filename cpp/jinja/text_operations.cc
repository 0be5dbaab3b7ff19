#include "jinja/text_operations.h"

#include <algorithm>

namespace reprise::jinja {

Text upper(const Text & text) {
    return map_code_points(text, [](uint32_t c, size_t) { return upper(c); });
}

Text lower(const Text & text) {
    return map_code_points(text, [](uint32_t c, size_t) { return lower(c); });
}

Text capitalized(const Text & text) {
    return map_code_points(text, [](uint32_t c, size_t at) { return at == 0 ? upper(c) : lower(c); });
}

Text replaced(const Text & text, const Text & from, const Text & to, int64_t max_count) {
    Text out;
    size_t at = 0;
    const auto more = [&] { return max_count < 0 || max_count-- > 0; };
    const auto add = [&](const Text & part) {
        Budget::bytes(part.size());
        out += part;
    };
    if (from.empty()) {
        const std::vector<size_t> offsets = code_point_offsets(text.view());
        for (size_t i = 0; i < offsets.size() && more(); ++i) {
            add(to);
            at = i + 1 < offsets.size() ? offsets[i + 1] : text.size();
            add(text.substr(offsets[i], at - offsets[i]));
        }
    } else {
        for (size_t next; (next = text.view().find(from.view(), at)) != std::string_view::npos && more();) {
            add(text.substr(at, next - at));
            add(to);
            at = next + from.size();
        }
    }
    add(text.substr(std::min(at, text.size())));
    return out;
}

Text joined(const std::vector<Value> & values, const Text & between) {
    Text out;
    bool first = true;
    for (const Value & value : values) {
        if (!first) out += between;
        first = false;
        const Text part = value.str();
        Budget::bytes(part.size() + between.size());
        out += part;
    }
    return out;
}

std::vector<Value> lines_of(const Text & text, bool keep_ends) {
    std::vector<Value> lines;
    size_t begin = 0;
    for (size_t at = 0; at < text.size();) {
        const size_t end = at;
        const uint32_t c = next_code_point(text.view(), at);
        const bool ends =
            (c >= 10 && c <= 13) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
        if (!ends) continue;
        if (c == '\r' && at < text.size() && text.bytes()[at] == '\n') ++at;
        lines.push_back(text.substr(begin, (keep_ends ? at : end) - begin));
        begin = at;
    }
    if (begin < text.size()) lines.push_back(text.substr(begin));
    return lines;
}

std::vector<Value> words_of(const Text & text, int64_t max_splits, bool from_right) {
    std::vector<Value> words;
    // Where the number is bounded, the last word is the rest, with the white space at its far end.
    Text rest = strip(text, max_splits < 0 || !from_right, max_splits < 0 || from_right);
    while (!rest.empty()) {
        std::vector<size_t> offsets = code_point_offsets(rest.view());
        size_t begin = 0;
        size_t end = rest.size();
        const auto space_at = [&](size_t offset) {
            size_t at = offset;
            return is_space(next_code_point(rest.view(), at));
        };
        if (max_splits < 0 || static_cast<int64_t>(words.size()) < max_splits) {
            if (max_splits < 0) { // One pass finds all of them.
                size_t word = 0;
                bool inside = false;
                for (size_t i = 0; i + 1 < offsets.size(); ++i) {
                    const bool space = space_at(offsets[i]);
                    if (!space && !inside) word = offsets[i];
                    if (space && inside) words.push_back(rest.substr(word, offsets[i] - word));
                    inside = !space;
                }
                if (inside) words.push_back(rest.substr(word));
                return words;
            }
            offsets.pop_back();
            if (from_right) {
                const auto at = std::find_if(offsets.rbegin(), offsets.rend(), space_at);
                begin = at == offsets.rend() ? 0 : *at + 1;
                while (begin < end && (static_cast<unsigned char>(rest.bytes()[begin]) & 0xC0) == 0x80)
                    ++begin;
            } else {
                const auto at = std::find_if(offsets.begin(), offsets.end(), space_at);
                end = at == offsets.end() ? rest.size() : *at;
            }
        }
        words.push_back(rest.substr(begin, end - begin));
        rest = from_right ? strip(rest.substr(0, begin), false, true) : strip(rest.substr(end), true, false);
    }
    if (from_right) std::reverse(words.begin(), words.end());
    return words;
}

Text padded(const Text & text, int64_t width, bool left, const Text & fill) {
    const auto size = static_cast<int64_t>(code_points(text.view()));
    if (width <= size) return text;
    Budget::bytes(static_cast<size_t>(width));
    Text pad;
    for (int64_t i = size; i < width; ++i) pad += fill;
    if (left) return pad += text;
    Text out = text;
    return out += pad;
}

Text centered(const Text & text, int64_t width, const Text & fill) {
    const auto size = static_cast<int64_t>(code_points(text.view()));
    const int64_t room = std::max<int64_t>(0, width - size);
    const int64_t left = room / 2 + (room & width & 1);
    return padded(padded(text, size + left, true, fill), width, false, fill);
}

} // namespace reprise::jinja
