#include <algorithm>
#include <cctype>
#include <cmath>
#include <iomanip>
#include <locale>
#include <sstream>

#include "jinja/rendering.h"

namespace reprise::jinja {

namespace {

/// What stands between `%` or `:` and the type.
struct Spec {
    std::string fill = " ";
    char align = 0;
    char sign = 0;
    bool alternate = false;
    char grouped = 0; ///< between thousands
    size_t width = 0;
    int precision = -1;
    char type = 0;
};

constexpr size_t widest = 100'000;

size_t digits(std::string_view text, size_t & at) {
    size_t number = 0;
    while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]))) {
        number = number * 10 + (text[at++] - '0');
        if (number > widest) throw Failure("a format's width or precision is too large");
    }
    return number;
}

std::string in_base(uint64_t value, unsigned base) {
    std::string out;
    do out += "0123456789abcdef"[value % base];
    while (value /= base);
    std::reverse(out.begin(), out.end());
    return out;
}

/// A whole number's digits, or a real's up to its point, in groups of `every`; zeros in front up to `least`
/// bytes.
std::string grouped(const std::string & digits, char between, size_t every, size_t least) {
    const size_t whole =
        every == 3 ? std::min(digits.find_first_not_of("0123456789"), digits.size()) : digits.size();
    const size_t rest = digits.size() - whole;
    size_t zeros = 0;
    const auto size = [&] { return zeros + whole + (zeros + whole - 1) / every + rest; };
    while (whole > 0 && size() < least) ++zeros;
    const std::string front = std::string(zeros, '0') + digits.substr(0, whole);
    std::string out;
    for (size_t at = 0; at < front.size(); ++at) {
        if (at > 0 && (front.size() - at) % every == 0) out += between;
        out += front[at];
    }
    return out + digits.substr(whole);
}

std::string real_digits(double value, char type, int precision, bool alternate) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return "inf";
    std::ostringstream out;
    out.imbue(std::locale::classic());
    if (alternate) out << std::showpoint;
    const char lower = static_cast<char>(std::tolower(type));
    if (lower == 'f') out << std::fixed;
    if (lower == 'e') out << std::scientific;
    if (lower == 'g' && precision == 0) precision = 1;
    out << std::setprecision(precision < 0 ? 6 : precision) << value;
    return out.str();
}

/// `text` within the width; the first `before` bytes, a number's sign and base, stay in front of zeros.
Text aligned(const Text & text, const Spec & spec, char otherwise, size_t before = 0) {
    const size_t size = code_points(text.view());
    if (size >= spec.width) return text;
    const size_t room = spec.width - size;
    const char align = spec.align ? spec.align : otherwise;
    const auto pad = [&](size_t count) {
        std::string out;
        for (size_t i = 0; i < count; ++i) out += spec.fill;
        return Text(out);
    };
    Budget::bytes(spec.width);
    if (align == '=') {
        Text out = text.substr(0, before);
        out += pad(room);
        return out += text.substr(before);
    }
    const size_t left = align == '<' ? 0 : align == '>' ? room : room / 2;
    Text out = pad(left);
    out += text;
    return out += pad(room - left);
}

Text number(const Value & value, const Spec & spec) {
    const char type = static_cast<char>(std::tolower(spec.type));
    std::string text;
    bool negative = false;
    if (type == 'd' || type == 'x' || type == 'o' || type == 'b') {
        if (value.is_float() && !(std::abs(value.number()) < 9.2e18))
            throw Failure("an integer is too large");
        const int64_t given = value.is_float() ? static_cast<int64_t>(value.number()) : value.integer();
        negative = given < 0;
        const uint64_t size = negative ? 0 - static_cast<uint64_t>(given) : static_cast<uint64_t>(given);
        text = in_base(size, type == 'd' ? 10 : type == 'x' ? 16 : type == 'o' ? 8 : 2);
        if (type == 'd' && spec.precision > static_cast<int>(text.size()))
            text.insert(0, spec.precision - text.size(), '0');
    } else if (type == '%') {
        negative = std::signbit(value.number());
        text = real_digits(std::abs(value.number()) * 100, 'f', spec.precision, spec.alternate) + "%";
    } else {
        negative = std::signbit(value.number());
        text = type == 0 && spec.precision < 0
                   ? float_repr(std::abs(value.number()))
                   : real_digits(std::abs(value.number()), type ? type : 'g', spec.precision, spec.alternate);
    }
    const bool signs = negative || spec.sign == '+' || spec.sign == ' ';
    const std::string base =
        spec.alternate && (type == 'x' || type == 'o' || type == 'b') ? std::string("0") + type : "";
    const size_t before = base.size() + signs;
    if (spec.grouped) {
        const bool filled = spec.fill == "0" && spec.align == '=' && spec.width > before;
        Budget::bytes(spec.width);
        text = grouped(text, spec.grouped, type == 'x' || type == 'o' || type == 'b' ? 4 : 3,
                       filled ? spec.width - before : 0);
    }
    text.insert(0, base);
    if (std::isupper(static_cast<unsigned char>(spec.type)))
        std::transform(text.begin(), text.end(), text.begin(),
                       [](unsigned char c) { return std::toupper(c); });
    if (negative)
        text.insert(0, "-");
    else if (signs)
        text.insert(0, 1, spec.sign);
    return aligned(text, spec, '>', before);
}

Text cut(const Text & text, int precision) {
    if (precision < 0) return text;
    const std::vector<size_t> offsets = code_point_offsets(text.view());
    return text.substr(0, offsets[std::min<size_t>(precision, offsets.size() - 1)]);
}

Text character(const Value & value) {
    const int64_t code = value.integer();
    if (code < 0 || code > 0x10FFFF) throw Failure("%c arg not in range(0x110000)");
    return utf8(static_cast<uint32_t>(code));
}

/// `format(value, spec)`
Text formatted(const Value & value, std::string_view given) {
    if (given.empty()) return value.str();
    Spec spec;
    size_t at = 0;
    const auto is_align = [](char c) { return c == '<' || c == '>' || c == '^' || c == '='; };
    size_t second = 0;
    next_code_point(given, second);
    if (second < given.size() && is_align(given[second])) {
        spec.fill = std::string(given.substr(0, second));
        spec.align = given[second];
        at = second + 1;
    } else if (is_align(given[0])) {
        spec.align = given[at++];
    }
    const auto take = [&](std::string_view choices) -> char {
        return at < given.size() && choices.find(given[at]) != choices.npos ? given[at++] : '\0';
    };
    spec.sign = take("+- ");
    spec.alternate = take("#") != 0;
    if (take("0") && !spec.align) {
        spec.fill = "0";
        spec.align = value.is_number() ? '=' : '<';
    }
    spec.width = digits(given, at);
    spec.grouped = take(",_");
    if (take(".")) spec.precision = static_cast<int>(digits(given, at));
    if (at < given.size()) spec.type = given[at++];
    if (at < given.size()) throw Failure("Invalid format specifier '" + std::string(given) + "'");
    const char type = spec.type ? spec.type : value.is_text() ? 's' : 'd';
    if (spec.grouped &&
        std::string_view(spec.grouped == ',' ? "scnxXob" : "scn").find(type) != std::string_view::npos)
        throw Failure(std::string("Cannot specify '") + spec.grouped + "' with '" + type + "'.");
    const std::string unknown =
        std::string("Unknown format code '") + spec.type + "' for object of type '" + value.type() + "'";
    if (value.is_number() && spec.type != 's') {
        const std::string_view integers = "dxXobc";
        const std::string_view reals = "eEfFgG%";
        if (value.is_integer() && spec.type == 0) spec.type = 'd';
        if (spec.type == 'n') spec.type = value.is_integer() ? 'd' : 'g';
        if (value.is_integer() && spec.precision >= 0 && integers.find(spec.type) != integers.npos)
            throw Failure("Precision not allowed in integer format specifier");
        if (spec.type == 'c' && (spec.sign || spec.alternate))
            throw Failure("Sign or # not allowed with integer format specifier 'c'");
        if (spec.type == 'c' && value.is_integer()) return aligned(character(value), spec, '<');
        if (spec.type && integers.find(spec.type) == integers.npos && reals.find(spec.type) == reals.npos)
            throw Failure(unknown);
        if (value.is_float() && integers.find(spec.type) != integers.npos && spec.type)
            throw Failure(unknown);
        return number(value, spec);
    }
    if (spec.type && (spec.type != 's' || !value.is_text())) throw Failure(unknown);
    if (!value.is_text())
        throw Failure("unsupported format string passed to " + value.type() + ".__format__");
    if (spec.align == '=') throw Failure("'=' alignment not allowed in string format specifier");
    return aligned(cut(value.text(), spec.precision), spec, '<');
}

class Percent {
public:
    Percent(const Text & format, const Value & values)
        : format_(format), view_(format.view()), values_(values) {}

    Text run() {
        Text out;
        while (at_ < view_.size()) {
            const size_t percent = std::min(view_.find('%', at_), view_.size());
            out += format_.substr(at_, percent - at_);
            at_ = percent + 1;
            if (percent < view_.size()) out += conversion();
        }
        // What can be looked into need not be used.
        const bool unused = values_.is_tuple() ? next_ < values_.list().items.size()
                                               : next_ == 0 && !values_.is_dict() && !values_.is_list() &&
                                                     !values_.is_undefined();
        if (unused) throw Failure("not all arguments converted during string formatting");
        return out;
    }

private:
    const Value & next() {
        if (values_.is_tuple()) {
            if (next_ >= values_.list().items.size()) throw Failure("not enough arguments for format string");
            return values_.list().items[next_++];
        }
        if (next_++ > 0) throw Failure("not enough arguments for format string");
        return values_;
    }

    Text conversion() {
        Spec spec;
        const Value * value = nullptr;
        if (at_ < view_.size() && view_[at_] == '(') {
            const size_t end = view_.find(')', at_);
            if (end == view_.npos) throw Failure("incomplete format key");
            if (!values_.is_dict()) throw Failure("format requires a mapping");
            value = values_.dict().find(Value(view_.substr(at_ + 1, end - at_ - 1)));
            if (!value) throw Failure("'" + std::string(view_.substr(at_ + 1, end - at_ - 1)) + "'");
            at_ = end + 1;
        }
        for (; at_ < view_.size() && std::string_view("-+ #0").find(view_[at_]) != std::string_view::npos;
             ++at_) {
            const char flag = view_[at_];
            if (flag == '-')
                spec.align = '<';
            else if (flag == '0')
                spec.fill = "0";
            else if (flag == '#')
                spec.alternate = true;
            else
                spec.sign = flag;
        }
        const auto size = [&] {
            if (at_ >= view_.size() || view_[at_] != '*') return static_cast<int64_t>(digits(view_, at_));
            ++at_;
            const Value & given = next();
            if (!given.is_integer()) throw Failure("* wants int");
            if (std::abs(given.number()) > widest)
                throw Failure("a format's width or precision is too large");
            return given.integer();
        };
        const int64_t width = size();
        if (width < 0) spec.align = '<';
        spec.width = static_cast<size_t>(std::abs(width));
        if (at_ < view_.size() && view_[at_] == '.') {
            ++at_;
            spec.precision = static_cast<int>(std::max<int64_t>(0, size()));
        }
        while (at_ < view_.size() && std::string_view("hlL").find(view_[at_]) != std::string_view::npos)
            ++at_;
        if (at_ >= view_.size()) throw Failure("incomplete format");
        const char type = view_[at_++];
        if (type == '%') return "%";
        return converted(value ? *value : next(), type, spec);
    }

    static Text converted(const Value & value, char type, Spec spec) {
        const bool zeros = spec.fill == "0" && spec.align == 0;
        if (type == 's' || type == 'r' || type == 'a') {
            spec.fill = " ";
            return aligned(cut(type == 's' ? value.str() : value.repr(), spec.precision), spec, '>');
        }
        if (type == 'c') {
            spec.fill = " ";
            if (value.is_integer()) return aligned(character(value), spec, '>');
            if (value.is_text() && code_points(value.view()) == 1) return aligned(value.text(), spec, '>');
            throw Failure("%c requires int or char");
        }
        if (std::string_view("diuxXoeEfFgG").find(type) == std::string_view::npos)
            throw Failure(std::string("unsupported format character '") + type + "'");
        value.defined();
        if (!value.is_number())
            throw Failure(std::string("%") + type + " format: a real number is required, not " +
                          value.type());
        const bool integral = std::string_view("xXo").find(type) != std::string_view::npos;
        if (integral && value.is_float())
            throw Failure(std::string("%") + type + " format: an integer is required, not float");
        spec.type = type == 'i' || type == 'u' ? 'd' : type;
        if (zeros)
            spec.align = '=';
        else
            spec.fill = spec.align ? " " : spec.fill;
        return number(value, spec);
    }

    const Text & format_;
    std::string_view view_;
    const Value & values_;
    size_t at_ = 0;
    size_t next_ = 0;
};

/// The fields of `str.format`. A format in a field's format may hold fields, no deeper.
class Braces {
public:
    Braces(const Text & format, const Arguments & arguments) : format_(format), arguments_(arguments) {}

    Text run() { return expanded(format_, 0); }

private:
    Text expanded(const Text & format, int depth) {
        if (depth > 1) throw Failure("Max string recursion exceeded");
        const std::string_view view = format.view();
        Text out;
        for (size_t at = 0; at < view.size();) {
            const size_t brace = std::min(view.find_first_of("{}", at), view.size());
            out += format.substr(at, brace - at);
            if (brace == view.size()) break;
            if (brace + 1 < view.size() && view[brace + 1] == view[brace]) {
                out += format.substr(brace, 1);
                at = brace + 2;
                continue;
            }
            if (view[brace] == '}') throw Failure("Single '}' encountered in format string");
            const size_t end = closing(view, brace);
            out += field(format.substr(brace + 1, end - brace - 1), depth);
            at = end + 1;
        }
        return out;
    }

    static size_t closing(std::string_view view, size_t open) {
        int level = 0;
        for (size_t at = open; at < view.size(); ++at) {
            level += (view[at] == '{') - (view[at] == '}');
            if (level == 0) return at;
        }
        throw Failure("expected '}' before end of string");
    }

    Text field(const Text & text, int depth) {
        const std::string_view view = text.view();
        const size_t end = std::min(view.find_first_of("!:"), view.size());
        Value value = looked_up(view.substr(0, end));
        size_t at = end;
        if (at < view.size() && view[at] == '!') {
            const char conversion = at + 1 < view.size() ? view[at + 1] : '\0';
            if (conversion == 'r' || conversion == 'a')
                value = value.repr();
            else if (conversion == 's')
                value = value.str();
            else
                throw Failure("Unknown conversion specifier");
            at += 2;
        }
        if (at >= view.size()) return value.str();
        if (view[at] != ':') throw Failure("expected ':' after conversion specifier");
        return formatted(value, expanded(text.substr(at + 1), depth + 1).view());
    }

    Value looked_up(std::string_view path) {
        size_t at = std::min(path.find_first_of(".["), path.size());
        Value value = argument(path.substr(0, at));
        while (at < path.size()) {
            if (path[at] == '.') {
                const size_t end = std::min(path.find_first_of(".[", at + 1), path.size());
                value = attribute_of(value, path.substr(at + 1, end - at - 1));
                at = end;
            } else {
                const size_t end = path.find(']', at);
                if (end == path.npos) throw Failure("Missing ']' in format string");
                const std::string_view key = path.substr(at + 1, end - at - 1);
                value = item_of(value, is_number(key) ? Value(to_number(key)) : Value(key));
                at = end + 1;
            }
        }
        return value;
    }

    static bool is_number(std::string_view text) {
        return !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == text.npos;
    }
    static int64_t to_number(std::string_view text) { return std::stoll(std::string(text)); }

    Value argument(std::string_view name) {
        if (name.empty() || is_number(name)) {
            const size_t index = name.empty() ? next_++ : static_cast<size_t>(to_number(name));
            if (index >= arguments_.positional.size())
                throw Failure("Replacement index " + std::to_string(index) +
                              " out of range for positional args tuple");
            return arguments_.positional[index];
        }
        for (const auto & [known, value] : arguments_.named)
            if (known == name) return value;
        throw Failure("'" + std::string(name) + "'");
    }

    const Text & format_;
    const Arguments & arguments_;
    size_t next_ = 0;
};

} // namespace

Text percent_format(const Text & format, const Value & values) {
    return Percent(format, values).run();
}

Text brace_format(const Text & format, const Arguments & arguments) {
    return Braces(format, arguments).run();
}

} // namespace reprise::jinja
