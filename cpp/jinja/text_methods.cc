#include <algorithm>
#include <map>

#include "jinja/builtins.h"

namespace reprise::jinja {

int64_t to_integer(const Value & value, std::string_view what) {
    value.defined();
    if (value.is_integer()) return value.integer();
    throw Failure(std::string(what) + ": '" + value.type() + "' object cannot be interpreted as an integer");
}

const Text & to_text(const Value & value, std::string_view what) {
    value.defined();
    if (value.is_text()) return value.text();
    throw Failure(std::string(what) + ": expected str, not " + value.type());
}

Text upper(const Text & text) {
    return map_code_points(text, [](uint32_t c, size_t) { return upper(c); });
}

Text lower(const Text & text) {
    return map_code_points(text, [](uint32_t c, size_t) { return lower(c); });
}

Text capitalized(const Text & text) {
    return map_code_points(text, [](uint32_t c, size_t at) { return at == 0 ? upper(c) : lower(c); });
}

Text replaced(const Text & text, const Text & from, const Text & to, int64_t most) {
    Text out;
    size_t at = 0;
    const auto more = [&] { return most < 0 || most-- > 0; };
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

namespace {

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

} // namespace

Text centered(const Text & text, int64_t width, const Text & fill) {
    const auto size = static_cast<int64_t>(code_points(text.view()));
    const int64_t room = std::max<int64_t>(0, width - size);
    const int64_t left = room / 2 + (room & width & 1);
    return padded(padded(text, size + left, true, fill), width, false, fill);
}

namespace {

Value stripped(const Value & self, const Arguments & given, bool left, bool right) {
    const auto a = given.bind("strip", {"chars"});
    if (!a[0] || a[0]->is_none()) return strip(self.text(), left, right);
    const Text & chars = to_text(*a[0], "strip");
    std::vector<uint32_t> set;
    for (size_t at = 0; at < chars.size();) set.push_back(next_code_point(chars.view(), at));
    return strip(self.text(), left, right,
                 [&](uint32_t c) { return std::find(set.begin(), set.end(), c) != set.end(); });
}

std::vector<Value> words_of(const Text & text, int64_t most, bool from_right) {
    std::vector<Value> words;
    // Where the number is bounded, the last word is the rest, with the white space at its far end.
    Text rest = strip(text, most < 0 || !from_right, most < 0 || from_right);
    while (!rest.empty()) {
        std::vector<size_t> offsets = code_point_offsets(rest.view());
        size_t begin = 0;
        size_t end = rest.size();
        const auto space_at = [&](size_t offset) {
            size_t at = offset;
            return is_space(next_code_point(rest.view(), at));
        };
        if (most < 0 || static_cast<int64_t>(words.size()) < most) {
            if (most < 0) { // all of them: one pass
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

Value split(const Value & self, const Arguments & given, bool from_right) {
    const auto a = given.bind("split", {"sep", "maxsplit"});
    const int64_t most = integer_or(a[1], -1, "maxsplit");
    const Text & text = self.text();
    if (!a[0] || a[0]->is_none()) return Value::list(words_of(text, most, from_right));
    const Text & separator = to_text(*a[0], "split");
    if (separator.empty()) throw Failure("empty separator");
    std::vector<Value> parts;
    size_t begin = 0;
    size_t end = text.size();
    while (most < 0 || static_cast<int64_t>(parts.size()) < most) {
        if (from_right) {
            if (end < separator.size()) break;
            const size_t at = text.view().substr(0, end).rfind(separator.view());
            if (at == std::string_view::npos) break;
            parts.push_back(text.substr(at + separator.size(), end - at - separator.size()));
            end = at;
        } else {
            const size_t at = text.view().find(separator.view(), begin);
            if (at == std::string_view::npos) break;
            parts.push_back(text.substr(begin, at - begin));
            begin = at + separator.size();
        }
    }
    parts.push_back(text.substr(begin, end - begin));
    if (from_right) std::reverse(parts.begin(), parts.end());
    return Value::list(std::move(parts));
}

Value partition(const Value & self, const Arguments & given, bool from_right) {
    const Text separator = to_text(*given.bind("partition", {"sep"}, 1)[0], "partition");
    if (separator.empty()) throw Failure("empty separator");
    const Text & text = self.text();
    const size_t at = from_right ? text.view().rfind(separator.view()) : text.view().find(separator.view());
    if (at == std::string_view::npos)
        return Value::list(from_right ? std::vector<Value>{"", "", text} : std::vector<Value>{text, "", ""},
                           true);
    return Value::list({text.substr(0, at), separator, text.substr(at + separator.size())}, true);
}

/// The part that a method with `start` and `end` looks at, and how many code points are before it.
std::pair<Text, int64_t> window(const Value & self, const std::optional<Value> & start,
                                const std::optional<Value> & end) {
    const Value none(None{});
    const Value part = slice(self, start ? *start : none, end ? *end : none, none);
    int64_t before = start && !start->is_none() ? to_integer(*start, "start") : 0;
    if (before < 0) before = std::max<int64_t>(0, before + static_cast<int64_t>(length_of(self)));
    return {part.text(), before};
}

Value found(const Value & self, const Arguments & given, bool last, bool must) {
    const auto a = given.bind("find", {"sub", "start", "end"}, 1);
    const auto [part, before] = window(self, a[1], a[2]);
    const std::string_view sub = to_text(*a[0], "find").view();
    const size_t at = last ? part.view().rfind(sub) : part.view().find(sub);
    if (at == std::string_view::npos) {
        if (must) throw Failure("substring not found");
        return -1;
    }
    return before + static_cast<int64_t>(code_points(part.view().substr(0, at)));
}

Value begins_or_ends(const Value & self, const Arguments & given, bool ends) {
    const auto a = given.bind(ends ? "endswith" : "startswith", {"prefix", "start", "end"}, 1);
    const Text part = window(self, a[1], a[2]).first;
    const auto is = [&](const Value & affix) {
        const std::string_view text = to_text(affix, "startswith").view();
        if (text.size() > part.size()) return false;
        return part.view().substr(ends ? part.size() - text.size() : 0, text.size()) == text;
    };
    if (!a[0]->is_tuple()) return is(*a[0]);
    const auto & items = a[0]->list().items;
    return std::any_of(items.begin(), items.end(), is);
}

Value counted(const Value & self, const Arguments & given) {
    const auto a = given.bind("count", {"sub", "start", "end"}, 1);
    const Text part = window(self, a[1], a[2]).first;
    const std::string_view sub = to_text(*a[0], "count").view();
    if (sub.empty()) return Value::size(code_points(part.view()) + 1);
    int64_t count = 0;
    for (size_t at = 0; (at = part.view().find(sub, at)) != std::string_view::npos; at += sub.size()) ++count;
    return count;
}

Value every(const Value & self, const Arguments & given, bool (*is)(uint32_t)) {
    given.bind("is…", {});
    for (size_t at = 0; at < self.text().size();)
        if (!is(next_code_point(self.view(), at))) return false;
    return !self.text().empty();
}

bool has_upper(uint32_t c) {
    return lower(c) != utf8(c);
}
bool has_lower(uint32_t c) {
    return upper(c) != utf8(c);
}

Value cased(const Value & self, const Arguments & given, bool (*wanted)(uint32_t), bool (*other)(uint32_t)) {
    given.bind("is…", {});
    bool any = false;
    for (size_t at = 0; at < self.text().size();) {
        const uint32_t c = next_code_point(self.view(), at);
        if (other(c)) return false;
        any = any || wanted(c);
    }
    return any;
}

/// Title case as Python has it: a letter after what is no letter is a capital.
Text titled(const Text & text) {
    bool after_letter = false;
    return map_code_points(text, [&](uint32_t c, size_t) {
        std::string out = after_letter ? lower(c) : upper(c);
        after_letter = is_letter(c);
        return out;
    });
}

enum class Side { left, right, both };

/// `side`: where it is filled.
Value padding(const Value & self, const Arguments & given, Side side) {
    const auto a = given.bind("ljust", {"width", "fillchar"}, 1);
    const Text fill = a[1] ? to_text(*a[1], "fillchar") : Text(" ");
    if (code_points(fill.view()) != 1) throw Failure("The fill character must be exactly one character long");
    const int64_t width = to_integer(*a[0], "width");
    return side == Side::both ? centered(self.text(), width, fill)
                              : padded(self.text(), width, side == Side::left, fill);
}

Value is_title(const Value & self, const Arguments & given) {
    given.bind("istitle", {});
    bool any = false;
    bool after_letter = false;
    for (size_t at = 0; at < self.text().size();) {
        const uint32_t c = next_code_point(self.view(), at);
        const bool capital = has_upper(c);
        const bool small = !capital && has_lower(c);
        if ((capital && after_letter) || (small && !after_letter)) return false;
        after_letter = capital || small;
        any = any || after_letter;
    }
    return any;
}

Value unaffixed(const Value & self, const Arguments & given, bool end) {
    const Text affix = to_text(*given.bind("removeprefix", {"prefix"}, 1)[0], "removeprefix");
    Arguments one;
    one.positional = {affix};
    if (!begins_or_ends(self, one, end).truth()) return self;
    return end ? self.text().substr(0, self.text().size() - affix.size()) : self.text().substr(affix.size());
}

Value zero_filled(const Value & self, const Arguments & given) {
    const int64_t width = to_integer(*given.bind("zfill", {"width"}, 1)[0], "zfill");
    const bool sign =
        !self.text().empty() && (self.text().bytes()[0] == '-' || self.text().bytes()[0] == '+');
    Text out = self.text().substr(0, sign);
    return out += padded(self.text().substr(sign), width - sign, true, "0");
}

Value expanded_tabs(const Value & self, const Arguments & given) {
    const int64_t size = integer_or(given.bind("expandtabs", {"tabsize"})[0], 8, "tabsize");
    if (size > 1000) throw Failure("tabs are too wide");
    int64_t column = 0;
    return map_code_points(self.text(), [&](uint32_t c, size_t) -> std::string {
        if (c == '\t') {
            const int64_t spaces = size > 0 ? size - column % size : 0;
            column += spaces;
            Budget::bytes(static_cast<size_t>(spaces));
            return std::string(static_cast<size_t>(spaces), ' ');
        }
        column = c == '\n' || c == '\r' ? 0 : column + 1;
        return utf8(c);
    });
}

} // namespace

const Methods & text_methods() {
    using V = const Value &;
    using A = const Arguments &;
    static const Methods methods = {
        {"strip", [](V self, A a) { return stripped(self, a, true, true); }},
        {"lstrip", [](V self, A a) { return stripped(self, a, true, false); }},
        {"rstrip", [](V self, A a) { return stripped(self, a, false, true); }},
        {"split", [](V self, A a) { return split(self, a, false); }},
        {"rsplit", [](V self, A a) { return split(self, a, true); }},
        {"splitlines",
         [](V self, A a) {
             return Value::list(
                 lines_of(self.text(), truth_or(a.bind("splitlines", {"keepends"})[0], false)));
         }},
        {"partition", [](V self, A a) { return partition(self, a, false); }},
        {"rpartition", [](V self, A a) { return partition(self, a, true); }},
        {"find", [](V self, A a) { return found(self, a, false, false); }},
        {"rfind", [](V self, A a) { return found(self, a, true, false); }},
        {"index", [](V self, A a) { return found(self, a, false, true); }},
        {"rindex", [](V self, A a) { return found(self, a, true, true); }},
        {"count", counted},
        {"startswith", [](V self, A a) { return begins_or_ends(self, a, false); }},
        {"endswith", [](V self, A a) { return begins_or_ends(self, a, true); }},
        {"removeprefix", [](V self, A a) { return unaffixed(self, a, false); }},
        {"removesuffix", [](V self, A a) { return unaffixed(self, a, true); }},
        {"upper", [](V self, A a) { return a.bind("upper", {}), Value(upper(self.text())); }},
        {"lower", [](V self, A a) { return a.bind("lower", {}), Value(lower(self.text())); }},
        {"casefold", [](V self, A a) { return a.bind("casefold", {}), Value(lower(self.text())); }},
        {"capitalize", [](V self, A a) { return a.bind("capitalize", {}), Value(capitalized(self.text())); }},
        {"title", [](V self, A a) { return a.bind("title", {}), Value(titled(self.text())); }},
        {"swapcase",
         [](V self, A a) {
             a.bind("swapcase", {});
             return Value(map_code_points(
                 self.text(), [](uint32_t c, size_t) { return has_upper(c) ? lower(c) : upper(c); }));
         }},
        {"replace",
         [](V self, A given) {
             const auto a = given.bind("replace", {"old", "new", "count"}, 2);
             return Value(replaced(self.text(), to_text(*a[0], "replace"), to_text(*a[1], "replace"),
                                   integer_or(a[2], -1, "count")));
         }},
        {"format", [](V self, A a) { return Value(brace_format(self.text(), a)); }},
        {"format_map",
         [](V self, A given) {
             Arguments named;
             const Value map = *given.bind("format_map", {"mapping"}, 1)[0];
             if (!map.is_dict()) throw Failure("format_map: expected a mapping, not " + map.type());
             for (const auto & [key, value] : map.dict().entries)
                 if (key.is_text()) named.named.emplace_back(key.text().bytes(), value);
             return Value(brace_format(self.text(), named));
         }},
        {"join",
         [](V self, A given) {
             const std::vector<Value> items = items_of(given.bind("join", {"iterable"}, 1)[0]->defined());
             for (const Value & item : items) to_text(item, "join");
             return Value(joined(items, self.text()));
         }},
        {"ljust", [](V self, A a) { return padding(self, a, Side::right); }},
        {"rjust", [](V self, A a) { return padding(self, a, Side::left); }},
        {"center", [](V self, A a) { return padding(self, a, Side::both); }},
        {"zfill", zero_filled},
        {"expandtabs", expanded_tabs},
        {"isspace", [](V self, A a) { return every(self, a, is_space); }},
        {"isalpha", [](V self, A a) { return every(self, a, is_letter); }},
        {"isdigit", [](V self, A a) { return every(self, a, is_number); }},
        {"isdecimal", [](V self, A a) { return every(self, a, is_number); }},
        {"isnumeric", [](V self, A a) { return every(self, a, is_number); }},
        {"isalnum",
         [](V self, A a) { return every(self, a, [](uint32_t c) { return is_letter(c) || is_number(c); }); }},
        {"isascii",
         [](V self, A a) {
             return self.text().empty() ? Value(true) : every(self, a, [](uint32_t c) { return c < 128; });
         }},
        {"isprintable",
         [](V self, A a) { return self.text().empty() ? Value(true) : every(self, a, is_printable); }},
        {"istitle", is_title},
        {"isupper", [](V self, A a) { return cased(self, a, has_upper, has_lower); }},
        {"islower", [](V self, A a) { return cased(self, a, has_lower, has_upper); }},
    };
    return methods;
}

} // namespace reprise::jinja
