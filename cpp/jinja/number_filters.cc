#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>
#include <limits>
#include <locale>
#include <optional>
#include <sstream>
#include <string>

#include "jinja/brace_format.h"
#include "jinja/filters.h"
#include "jinja/operators.h"

namespace reprise::jinja {

namespace {

using V = const Value &;
using A = const Arguments &;
using R = Rendering &;

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
    // A number that is too large is read as the largest one, and the stream fails.
    if (in.fail() && std::abs(value) == std::numeric_limits<double>::max())
        return negative ? -INFINITY : INFINITY;
    if (in.fail() || in.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
    return value;
}

Value whole(double value, const Value & otherwise) {
    if (!std::isfinite(value)) return otherwise;
    if (std::abs(value) >= max_integer) throw Failure("an integer is too large");
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

/// The multiple of 10 to the power `digits` that is nearest to `value`. Where two are equally near, it is the
/// even one.
int64_t rounded_to(int64_t value, int64_t digits) {
    if (digits > 19)
        return 0; // No integer is half as large as 10²⁰, and 10¹⁹ is the largest unit of 64 bits.
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
    // The largest number is below 10³⁰⁹, so a larger power would be infinite.
    if (std::abs(precision) > 300) throw Failure("a precision is too large");
    if (method == "common") {
        if (value.is_integer() && precision >= 0) return value.integer();
        // Python rounds the exact value of the number, halves to even, as its formatting does.
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
    while (i + 1 < std::size(prefixes) && bytes >= unit * base) {
        unit *= base;
        ++i;
    }
    Arguments one;
    one.positional = {bytes / unit};
    Text out = brace_format("{:.1f} ", one);
    out += Text(in_twos && i == 0 ? "K" : prefixes[i]);
    return out += in_twos ? "iB" : "B";
}

} // namespace

const FilterTable & number_filters() {
    static const FilterTable table = {
        {"abs",
         [](R, V value, A) {
             value.defined();
             if (!value.is_number()) throw Failure("bad operand type for abs(): '" + value.type() + "'");
             return value.is_float()      ? Value(std::abs(value.number()))
                    : value.integer() < 0 ? binary("-", 0, value)
                                          : Value(value.integer());
         }},
        {"filesizeformat", file_size},
        {"float", to_float},
        {"int", to_int},
        {"round", rounded},
    };
    return table;
}

} // namespace reprise::jinja
