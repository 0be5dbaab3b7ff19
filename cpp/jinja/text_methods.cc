#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jinja/brace_format.h"
#include "jinja/methods.h"
#include "jinja/operators.h"
#include "jinja/text_operations.h"

namespace reprise::jinja {

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

Value split(const Value & self, const Arguments & given, bool from_right) {
    const auto a = given.bind("split", {"sep", "maxsplit"});
    const int64_t max_splits = integer_or(a[1], -1, "maxsplit");
    const Text & text = self.text();
    if (!a[0] || a[0]->is_none()) return Value::list(words_of(text, max_splits, from_right));
    const Text & separator = to_text(*a[0], "split");
    if (separator.empty()) throw Failure("empty separator");
    std::vector<Value> parts;
    size_t begin = 0;
    size_t end = text.size();
    while (max_splits < 0 || static_cast<int64_t>(parts.size()) < max_splits) {
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

/// The part that a method with `start` and `end` looks at, and how many code points stand before it.
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

/// Whether `is` holds for all code points, of which there are some.
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

/// Whether there is a letter of the wanted case and none of the other.
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

/// Title case as Python has it: a letter is a capital where none stands before it.
Text titled(const Text & text) {
    bool after_letter = false;
    return map_code_points(text, [&](uint32_t c, size_t) {
        std::string out = after_letter ? lower(c) : upper(c);
        after_letter = is_letter(c);
        return out;
    });
}

enum class Side { left, right, both };

/// The text filled up to a width at `side`.
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
    // A template has no use for a wider tab, and each of them may take as many bytes.
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
