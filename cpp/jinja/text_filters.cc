#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "jinja/filters.h"
#include "jinja/methods.h"
#include "jinja/operators.h"
#include "jinja/percent_format.h"
#include "jinja/text_operations.h"

namespace reprise::jinja {

namespace {

using V = const Value &;
using A = const Arguments &;
using R = Rendering &;

Value indented(V value, A given) {
    const auto a = given.bind("indent", {"width", "first", "blank"});
    Text indent;
    if (a[0] && a[0]->is_text())
        indent = a[0]->text();
    else
        indent = binary("*", Value(" "), a[0] ? *a[0] : Value(4)).text();
    const bool first = truth_or(a[1], false);
    const bool blank = truth_or(a[2], false);
    Text whole = to_text(value, "indent");
    whole += "\n"; // Jinja adds it, so that an empty last line counts for splitlines().
    Text out;
    bool begun = false;
    for (const Value & line : lines_of(whole)) {
        if (begun) out += "\n";
        if (begun ? blank || !line.text().empty() : first) {
            Budget::bytes(indent.size());
            out += indent;
        }
        out += line.text();
        begun = true;
    }
    return out;
}

Value truncated(V value, A given) {
    const auto a = given.bind("truncate", {"length", "killwords", "end", "leeway"});
    const int64_t length = integer_or(a[0], 255, "length");
    const Text end = a[2] ? to_text(*a[2], "end") : Text("...");
    const int64_t leeway = a[3] && !a[3]->is_none() ? to_integer(*a[3], "leeway") : 5;
    const auto end_size = static_cast<int64_t>(code_points(end.view()));
    if (length < end_size)
        throw Failure("expected length >= " + std::to_string(end_size) + ", got " + std::to_string(length));
    if (!value.is_text() && static_cast<int64_t>(length_of(value)) <= length + leeway) return value;
    const Text & text = to_text(value, "truncate");
    const std::vector<size_t> offsets = code_point_offsets(text.view());
    if (static_cast<int64_t>(offsets.size()) - 1 <= length + leeway) return value;
    Text out = text.substr(0, offsets[length - end_size]);
    if (!truth_or(a[1], false)) out = out.substr(0, std::min(out.view().rfind(' '), out.size()));
    return out += end;
}

/// The text with each of some characters written as `by` has it.
Text escaped(const Text & text, const std::map<char, std::string> & by) {
    return map_code_points(text, [&](uint32_t c, size_t) {
        const auto found = c < 128 ? by.find(static_cast<char>(c)) : by.end();
        return found == by.end() ? utf8(c) : found->second;
    });
}

Value html_escaped(V value) {
    return escaped(value.str(),
                   {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&#34;"}, {'\'', "&#39;"}});
}

Text url_quoted(const Text & text, bool query) {
    return map_code_points(text, [&](uint32_t c, size_t) -> std::string {
        if (c < 128 && (std::isalnum(static_cast<int>(c)) ||
                        std::string_view("_.-~").find(static_cast<char>(c)) != std::string_view::npos))
            return std::string(1, static_cast<char>(c));
        if (c == '/' && !query) return "/";
        if (c == ' ' && query) return "+";
        std::string out;
        for (const char byte : utf8(c)) {
            char code[4];
            snprintf(code, sizeof code, "%%%02X", static_cast<unsigned char>(byte));
            out += code;
        }
        return out;
    });
}

Value url_encoded(R, V value, A given) {
    given.bind("urlencode", {});
    if (!value.is_dict() && !value.is_list()) return url_quoted(value.str(), false);
    std::vector<Value> parts;
    for (const Value & pair : items_of(value.is_dict() ? call_method(value, "items") : value)) {
        const std::vector<Value> two = items_of(pair);
        if (two.size() != 2) throw Failure("urlencode: expected pairs");
        Text part = url_quoted(two[0].str(), true);
        part += "=";
        part += url_quoted(two[1].str(), true);
        parts.push_back(part);
    }
    return joined(parts, "&");
}

Value without_tags(R, V value, A given) {
    given.bind("striptags", {});
    const Text text = value.str();
    Text out;
    for (size_t at = 0; at < text.size();) {
        const size_t open = std::min(text.view().find('<', at), text.size());
        out += text.substr(at, open - at);
        const bool comment = text.view().substr(open, 4) == "<!--";
        const size_t close = text.view().find(comment ? "-->" : ">", open);
        if (close == std::string_view::npos) {
            out += text.substr(open);
            break;
        }
        at = close + (comment ? 3 : 1);
    }
    return joined(items_of(call_method(out, "split")), " ");
}

/// The words of each line in lines of at most `width` characters. A word that is longer is cut.
Value wrapped(R, V value, A given) {
    const auto a = given.bind("wordwrap", {"width", "break_long_words", "wrapstring", "break_on_hyphens"});
    const int64_t width = integer_or(a[0], 79, "width");
    if (width <= 0) throw Failure("invalid width " + std::to_string(width) + " (must be > 0)");
    const bool cuts = truth_or(a[1], true);
    const Text between = a[2] && !a[2]->is_none() ? to_text(*a[2], "wrapstring") : Text("\n");
    std::vector<Value> lines;
    for (const Value & line : lines_of(to_text(value, "wordwrap"))) {
        Text out;
        int64_t column = 0;
        for (const Value & word : items_of(call_method(line, "split"))) {
            Text rest = word.text();
            while (!rest.empty()) {
                const auto size = static_cast<int64_t>(code_points(rest.view()));
                if (column > 0 && column + 1 + size <= width) {
                    out += " ";
                    out += rest;
                    column += 1 + size;
                    break;
                }
                if (column > 0) {
                    lines.push_back(out);
                    out = Text();
                    column = 0;
                }
                const size_t end =
                    cuts && size > width ? code_point_offsets(rest.view())[width] : rest.size();
                out += rest.substr(0, end);
                column = std::min(size, cuts ? width : size);
                rest = rest.substr(end);
            }
        }
        lines.push_back(out);
    }
    return joined(lines, between);
}

/// Title case as Jinja has it: what follows white space, a dash or a bracket is a capital. `str.title` has
/// another.
Value titled(V value) {
    bool begins = true;
    return map_code_points(value.str(), [&](uint32_t c, size_t) {
        const bool separates =
            is_space(c) ||
            (c < 128 && std::string_view("-({[<").find(static_cast<char>(c)) != std::string_view::npos);
        std::string out = begins && !separates ? upper(c) : lower(c);
        begins = separates;
        return out;
    });
}

Value word_count(V value) {
    int64_t count = 0;
    bool inside = false;
    const Text text = value.str();
    for (size_t at = 0; at < text.size();) {
        const uint32_t c = next_code_point(text.view(), at);
        const bool word = c == '_' || is_letter(c) || is_number(c);
        count += word && !inside;
        inside = word;
    }
    return count;
}

} // namespace

const FilterTable & text_filters() {
    static const FilterTable table = {
        {"capitalize", [](R, V value, A) { return Value(capitalized(value.str())); }},
        {"center",
         [](R, V value, A given) {
             return Value(centered(value.str(), integer_or(given.bind("center", {"width"})[0], 80, "width")));
         }},
        {"escape", [](R, V value, A) { return html_escaped(value); }},
        {"format",
         [](R, V value, A given) {
             if (!given.named.empty() && !given.positional.empty())
                 throw Failure("can't handle positional and keyword arguments at the same time");
             if (given.named.empty())
                 return Value(percent_format(value.str(), Value::list(given.positional, true)));
             std::vector<std::pair<Value, Value>> named;
             for (const auto & [name, argument] : given.named)
                 named.emplace_back(Value(Text(name)), argument);
             return Value(percent_format(value.str(), Value::dict(std::move(named))));
         }},
        {"indent", [](R, V value, A given) { return indented(value, given); }},
        {"lower", [](R, V value, A) { return Value(lower(value.str())); }},
        {"replace",
         [](R, V value, A given) {
             const auto a = given.bind("replace", {"old", "new", "count"}, 2);
             const int64_t most = a[2] && !a[2]->is_none() ? to_integer(*a[2], "count") : -1;
             return Value(replaced(value.str(), a[0]->str(), a[1]->str(), most));
         }},
        {"safe", [](R, V value, A) { return Value(value.str()); }},
        {"string", [](R, V value, A) { return Value(value.str()); }},
        {"striptags", without_tags},
        {"title", [](R, V value, A) { return titled(value); }},
        {"trim",
         [](R, V value, A given) {
             const auto a = given.bind("trim", {"chars"});
             Arguments one;
             if (a[0]) one.positional = {*a[0]};
             return call_method(value.str(), "strip", one);
         }},
        {"truncate", [](R, V value, A given) { return truncated(value, given); }},
        {"upper", [](R, V value, A) { return Value(upper(value.str())); }},
        {"urlencode", url_encoded},
        {"wordcount", [](R, V value, A) { return word_count(value); }},
        {"wordwrap", wrapped},
    };
    return table;
}

} // namespace reprise::jinja
