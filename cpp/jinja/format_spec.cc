#include "jinja/format_spec.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iomanip>
#include <locale>
#include <sstream>
#include <vector>

namespace reprise::jinja {

namespace {

constexpr int default_precision = 6; // Python's

std::string in_base(uint64_t value, unsigned base) {
    std::string out;
    do out += "0123456789abcdef"[value % base];
    while (value /= base);
    std::reverse(out.begin(), out.end());
    return out;
}

/// The digits in groups of `every`: all of them, or in threes those before a point. Zeros in front fill the
/// whole up to `min_size` bytes.
std::string grouped(const std::string & digits, char between, size_t every, size_t min_size) {
    const size_t whole =
        every == 3 ? std::min(digits.find_first_not_of("0123456789"), digits.size()) : digits.size();
    const size_t rest = digits.size() - whole;
    size_t zeros = 0;
    const auto size = [&] { return zeros + whole + (zeros + whole - 1) / every + rest; };
    while (whole > 0 && size() < min_size) ++zeros;
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
    out << std::setprecision(precision < 0 ? default_precision : precision) << value;
    return out.str();
}

} // namespace

size_t format_digits(std::string_view text, size_t & at) {
    size_t number = 0;
    while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]))) {
        number = number * 10 + (text[at++] - '0');
        if (number > max_format_width) throw Failure("a format's width or precision is too large");
    }
    return number;
}

Text aligned(const Text & text, const FormatSpec & spec, char otherwise, size_t before) {
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

Text formatted_number(const Value & value, const FormatSpec & spec) {
    const char type = static_cast<char>(std::tolower(spec.type));
    std::string text;
    bool negative = false;
    if (type == 'd' || type == 'x' || type == 'o' || type == 'b') {
        if (value.is_float() && !(std::abs(value.number()) < max_integer))
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

Text formatted(const Value & value, std::string_view given) {
    if (given.empty()) return value.str();
    FormatSpec spec;
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
    spec.width = format_digits(given, at);
    spec.grouped = take(",_");
    if (take(".")) spec.precision = static_cast<int>(format_digits(given, at));
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
        return formatted_number(value, spec);
    }
    if (spec.type && (spec.type != 's' || !value.is_text())) throw Failure(unknown);
    if (!value.is_text())
        throw Failure("unsupported format string passed to " + value.type() + ".__format__");
    if (spec.align == '=') throw Failure("'=' alignment not allowed in string format specifier");
    return aligned(cut(value.text(), spec.precision), spec, '<');
}

} // namespace reprise::jinja
