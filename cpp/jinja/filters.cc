#include <algorithm>
#include <cmath>
#include <limits>
#include <locale>
#include <map>
#include <sstream>

#include "jinja/builtins.h"

namespace reprise::jinja {

// Filters of sequences and mappings; sequence_filters.cc.
FilterFunction sequence_filter_named(std::string_view name);

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
    whole += "\n"; // as Jinja has it, for splitlines
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

/// The text with each of some characters written otherwise.
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

/// The words of a line in lines of at most `width`; a word that is longer is cut.
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

/// Jinja's own: what follows white space, a dash or a bracket is a capital.
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

std::optional<int64_t> parsed_integer(const Text & text, int64_t base) {
    std::string digits = strip(text, true, true).bytes();
    const bool negative = !digits.empty() && digits[0] == '-';
    if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.erase(0, 1);
    const auto prefixed = [&](int64_t of, char letter) {
        return (base == of || base == 0) && digits.size() > 2 && digits[0] == '0' &&
               std::tolower(digits[1]) == letter;
    };
    for (const auto & [of, letter] : {std::pair<int64_t, char>{16, 'x'}, {8, 'o'}, {2, 'b'}}) {
        if (!prefixed(of, letter)) continue;
        digits.erase(0, 2);
        base = of;
        break;
    }
    if (base == 0) base = 10;
    if (base < 2 || base > 36) throw Failure("int() base must be >= 2 and <= 36, or 0");
    int64_t value = 0;
    for (size_t i = 0; i < digits.size(); ++i) {
        if (digits[i] == '_' && i > 0 && i + 1 < digits.size() && digits[i - 1] != '_') continue;
        const int c = std::tolower(static_cast<unsigned char>(digits[i]));
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
        if (digit >= base) return std::nullopt;
        value = binary("+", binary("*", value, base), digit).integer();
    }
    if (digits.empty()) return std::nullopt;
    return negative ? -value : value;
}

std::optional<double> parsed_float(const Text & text) {
    std::string digits = strip(text, true, true).bytes();
    std::string lowered = digits;
    std::transform(lowered.begin(), lowered.end(), lowered.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    const bool negative = !lowered.empty() && lowered[0] == '-';
    const std::string unsigned_part =
        lowered.substr(!lowered.empty() && (lowered[0] == '-' || lowered[0] == '+'));
    if (unsigned_part == "inf" || unsigned_part == "infinity") return negative ? -INFINITY : INFINITY;
    if (unsigned_part == "nan") return NAN;
    if (digits.find_first_not_of("0123456789+-.eE_") != std::string::npos || digits.empty())
        return std::nullopt;
    digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
    std::istringstream in(digits);
    in.imbue(std::locale::classic());
    double value = 0;
    in >> value;
    // What is too large becomes the largest number, and fails.
    if (in.fail() && std::abs(value) == std::numeric_limits<double>::max())
        return negative ? -INFINITY : INFINITY;
    if (in.fail() || in.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
    return value;
}

Value whole(double value, const Value & otherwise) {
    if (!std::isfinite(value)) return otherwise;
    if (std::abs(value) >= 9.2e18) throw Failure("an integer is too large");
    return static_cast<int64_t>(value);
}

Value to_int(R, V value, A given) {
    const auto a = given.bind("int", {"default", "base"});
    const Value otherwise = a[0] ? *a[0] : Value(0);
    value.defined();
    if (value.is_integer()) return value.integer();
    if (value.is_float()) return whole(value.number(), otherwise);
    if (!value.is_text()) return otherwise;
    if (const auto parsed = parsed_integer(value.text(), integer_or(a[1], 10, "base"))) return *parsed;
    const auto real = parsed_float(value.text());
    return real ? whole(*real, otherwise) : otherwise;
}

Value to_float(R, V value, A given) {
    const auto a = given.bind("float", {"default"});
    value.defined();
    if (value.is_number()) return value.number();
    const auto parsed = value.is_text() ? parsed_float(value.text()) : std::nullopt;
    return parsed ? Value(*parsed) : a[0] ? *a[0] : Value(0.0);
}

/// To a multiple of ten to the power `digits`; where two are equally near, to the even one.
int64_t rounded_to(int64_t value, int64_t digits) {
    if (digits > 19) return 0;
    uint64_t unit = 1;
    for (int64_t i = 0; i < digits; ++i) unit *= 10;
    const uint64_t size = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
    const uint64_t rest = size % unit;
    const bool up = rest > unit / 2 || (rest == unit / 2 && size / unit % 2 == 1);
    const uint64_t near = size - rest + (up ? unit : 0);
    if (near > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
        throw Failure("an integer is too large");
    return value < 0 ? -static_cast<int64_t>(near) : static_cast<int64_t>(near);
}

Value rounded(R, V value, A given) {
    const auto a = given.bind("round", {"precision", "method"});
    const int64_t precision = integer_or(a[0], 0, "precision");
    const std::string method = a[1] ? to_text(*a[1], "method").bytes() : "common";
    value.defined();
    if (!value.is_number()) throw Failure("type " + value.type() + " doesn't define __round__ method");
    if (method != "common" && method != "ceil" && method != "floor")
        throw Failure("method must be common, ceil or floor");
    if (std::abs(precision) > 300) throw Failure("a precision is too large");
    if (method == "common") {
        if (value.is_integer() && precision >= 0) return value.integer();
        // Half to even, and as the shortest decimal has it.
        Arguments one;
        one.positional = {value};
        if (precision >= 0) return *parsed_float(brace_format("{:." + std::to_string(precision) + "f}", one));
        if (value.is_integer()) return rounded_to(value.integer(), -precision);
        const double unit = std::pow(10.0, static_cast<double>(-precision));
        return std::nearbyint(value.number() / unit) * unit;
    }
    const double unit = std::pow(10.0, static_cast<double>(precision));
    return (method == "ceil" ? std::ceil(value.number() * unit) : std::floor(value.number() * unit)) / unit;
}

Value file_size(R rendering, V value, A given) {
    const bool in_twos = truth_or(given.bind("filesizeformat", {"binary"})[0], false);
    Arguments none;
    none.positional = {Value(None{})};
    const Value given_bytes = to_float(rendering, value, none);
    if (given_bytes.is_none()) throw Failure("could not convert to float: " + value.repr().bytes());
    const double bytes = given_bytes.number();
    const double base = in_twos ? 1024 : 1000;
    if (bytes == 1) return "1 Byte";
    if (bytes < base) return Text(std::to_string(static_cast<int64_t>(bytes)) + " Bytes");
    static constexpr const char * prefixes[] = {"k", "M", "G", "T", "P", "E", "Z", "Y"};
    double unit = base;
    size_t i = 0;
    while (i < 7 && bytes >= unit * base) {
        unit *= base;
        ++i;
    }
    Arguments one;
    one.positional = {bytes / unit};
    Text out = brace_format("{:.1f} ", one);
    out += Text(in_twos && i == 0 ? "K" : prefixes[i]);
    return out += in_twos ? "iB" : "B";
}

Value json(R, V value, A given) {
    const auto a = given.bind("tojson", {"ensure_ascii", "indent", "separators", "sort_keys"});
    JsonStyle style;
    style.ascii = truth_or(a[0], false);
    style.sorted = truth_or(a[3], false);
    if (a[1] && !a[1]->is_none()) {
        style.indent = a[1]->is_text()
                           ? a[1]->text().bytes()
                           : binary("*", Value(" "), Value(to_integer(*a[1], "indent"))).text().bytes();
        style.between_items = ",";
    }
    if (a[2] && !a[2]->is_none()) {
        const std::vector<Value> separators = items_of(*a[2]);
        if (separators.size() != 2) throw Failure("separators must be two");
        style.between_items = to_text(separators[0], "separators").bytes();
        style.after_keys = to_text(separators[1], "separators").bytes();
    }
    return to_json(value, style);
}

const std::map<std::string_view, FilterFunction> & filters() {
    static const std::map<std::string_view, FilterFunction> table = {
        {"abs",
         [](R, V value, A) {
             value.defined();
             if (!value.is_number()) throw Failure("bad operand type for abs(): '" + value.type() + "'");
             return value.is_float()      ? Value(std::abs(value.number()))
                    : value.integer() < 0 ? binary("-", 0, value)
                                          : Value(value.integer());
         }},
        {"attr",
         [](R, V value, A given) {
             // Attributes alone, no items: of what templates have, objects.
             const Text name = given.bind("attr", {"name"}, 1)[0]->str();
             value.defined();
             if (auto found = own_attribute_of(value, name.view())) return *found;
             return Value::undefined("'" + value.type() + " object' has no attribute '" + name.bytes() + "'");
         }},
        {"capitalize", [](R, V value, A) { return Value(capitalized(value.str())); }},
        {"center",
         [](R, V value, A given) {
             return Value(centered(value.str(), integer_or(given.bind("center", {"width"})[0], 80, "width")));
         }},
        {"default",
         [](R, V value, A given) {
             const auto a = given.bind("default", {"default_value", "boolean"});
             const bool missing = value.is_undefined() || (truth_or(a[1], false) && !value.truth());
             return missing ? (a[0] ? *a[0] : Value("")) : value;
         }},
        {"escape", [](R, V value, A) { return html_escaped(value); }},
        {"filesizeformat", file_size},
        {"float", to_float},
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
        {"int", to_int},
        {"lower", [](R, V value, A) { return Value(lower(value.str())); }},
        {"pprint", [](R, V value, A) { return Value(value.repr()); }},
        {"replace",
         [](R, V value, A given) {
             const auto a = given.bind("replace", {"old", "new", "count"}, 2);
             const int64_t most = a[2] && !a[2]->is_none() ? to_integer(*a[2], "count") : -1;
             return Value(replaced(value.str(), a[0]->str(), a[1]->str(), most));
         }},
        {"round", rounded},
        {"safe", [](R, V value, A) { return Value(value.str()); }},
        {"string", [](R, V value, A) { return Value(value.str()); }},
        {"striptags", without_tags},
        {"title", [](R, V value, A) { return titled(value); }},
        {"tojson", json},
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

} // namespace

FilterFunction filter_named(std::string_view name) {
    static const std::map<std::string_view, std::string_view> others = {
        {"d", "default"}, {"e", "escape"}, {"forceescape", "escape"}, {"count", "length"}};
    if (const auto other = others.find(name); other != others.end()) name = other->second;
    const auto found = filters().find(name);
    return found == filters().end() ? sequence_filter_named(name) : found->second;
}

} // namespace reprise::jinja
