#include <algorithm>
#include <limits>
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

std::vector<Value> lines_of(const Text & text) {
    std::vector<Value> lines;
    size_t begin = 0;
    for (size_t at = 0; at < text.size();) {
        const size_t end = at;
        const uint32_t c = next_code_point(text.view(), at);
        const bool ends =
            (c >= 10 && c <= 13) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
        if (!ends) continue;
        if (c == '\r' && at < text.size() && text.bytes()[at] == '\n') ++at;
        lines.push_back(text.substr(begin, end - begin));
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

Text centered(const Text & text, int64_t width) {
    const auto size = static_cast<int64_t>(code_points(text.view()));
    const int64_t room = std::max<int64_t>(0, width - size);
    const int64_t left = room / 2 + (room & width & 1);
    return padded(padded(text, size + left, true, " "), width, false, " ");
}

namespace {

using Method = Value (*)(const Value &, const Arguments &);
using Methods = std::map<std::string_view, Method>;

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
    Text rest = strip(text, true, true);
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

Value padding(const Value & self, const Arguments & given, bool left) {
    const auto a = given.bind("ljust", {"width", "fillchar"}, 1);
    const Text fill = a[1] ? to_text(*a[1], "fillchar") : Text(" ");
    if (code_points(fill.view()) != 1) throw Failure("The fill character must be exactly one character long");
    return padded(self.text(), to_integer(*a[0], "width"), left, fill);
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
         [](V self, A a) { return a.bind("splitlines", {}), Value::list(lines_of(self.text())); }},
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
        {"ljust", [](V self, A a) { return padding(self, a, false); }},
        {"rjust", [](V self, A a) { return padding(self, a, true); }},
        {"center",
         [](V self, A a) {
             return Value(centered(self.text(), to_integer(*a.bind("center", {"width"}, 1)[0], "width")));
         }},
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
        {"isupper", [](V self, A a) { return cased(self, a, has_upper, has_lower); }},
        {"islower", [](V self, A a) { return cased(self, a, has_lower, has_upper); }},
    };
    return methods;
}

const Methods & list_methods() {
    static const Methods methods = {
        {"index",
         [](const Value & self, const Arguments & given) -> Value {
             const auto & items = self.list().items;
             const Value wanted = *given.bind("index", {"value"}, 1)[0];
             for (size_t i = 0; i < items.size(); ++i)
                 if (equal(items[i], wanted)) return Value::size(i);
             throw Failure(wanted.repr().bytes() + " is not in list");
         }},
        {"count",
         [](const Value & self, const Arguments & given) -> Value {
             const auto & items = self.list().items;
             const Value wanted = *given.bind("count", {"value"}, 1)[0];
             return static_cast<int64_t>(std::count_if(
                 items.begin(), items.end(), [&](const Value & item) { return equal(item, wanted); }));
         }},
        {"copy",
         [](const Value & self, const Arguments & given) -> Value { return given.bind("copy", {}), self; }},
    };
    return methods;
}

std::vector<Value> pairs_of(const Dict & dict) {
    std::vector<Value> pairs;
    for (const auto & [key, value] : dict.entries) pairs.push_back(Value::list({key, value}, true));
    return pairs;
}

const Methods & dict_methods() {
    static const Methods methods = {
        {"get",
         [](const Value & self, const Arguments & given) -> Value {
             const auto a = given.bind("get", {"key", "default"}, 1);
             const Value * value = self.dict().find(*a[0]);
             return value ? *value : a[1] ? *a[1] : Value(None{});
         }},
        {"keys",
         [](const Value & self, const Arguments & given) -> Value {
             return given.bind("keys", {}), Value::list(items_of(self));
         }},
        {"values",
         [](const Value & self, const Arguments & given) -> Value {
             given.bind("values", {});
             std::vector<Value> values;
             for (const auto & [_, value] : self.dict().entries) values.push_back(value);
             return Value::list(std::move(values));
         }},
        {"items",
         [](const Value & self, const Arguments & given) -> Value {
             return given.bind("items", {}), Value::list(pairs_of(self.dict()));
         }},
        {"copy",
         [](const Value & self, const Arguments & given) -> Value { return given.bind("copy", {}), self; }},
    };
    return methods;
}

/// What Jinja's sandbox keeps from templates: it would change what they were given.
bool changes(const Value & value, std::string_view name) {
    static constexpr std::string_view of_lists[] = {"append", "clear",  "extend",  "insert",
                                                    "pop",    "remove", "reverse", "sort"};
    static constexpr std::string_view of_dicts[] = {"clear", "pop", "popitem", "setdefault", "update"};
    if (value.is_dict())
        return std::find(std::begin(of_dicts), std::end(of_dicts), name) != std::end(of_dicts);
    return value.is_list() && !value.is_tuple() &&
           std::find(std::begin(of_lists), std::end(of_lists), name) != std::end(of_lists);
}

} // namespace

std::optional<Value> method_of(const Value & value, std::string_view name) {
    if (!value.is_text() && !value.is_list() && !value.is_dict()) return std::nullopt;
    if (changes(value, name))
        return Value::undefined("access to attribute '" + std::string(name) + "' of '" + value.type() +
                                "' object is unsafe.");
    const Methods & methods = value.is_text()   ? text_methods()
                              : value.is_list() ? list_methods()
                                                : dict_methods();
    const auto found = methods.find(name);
    if (found == methods.end()) return std::nullopt;
    const auto run = [value, method = found->second](Arguments & given) {
        if (value.is_text()) Budget::step(value.text().size() / 128);
        return method(value, given);
    };
    return function(std::string(name), run, value.depth());
}

} // namespace reprise::jinja
