#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "jinja/value.h"

namespace reprise::jinja {

/// How a value is to be written: what stands between `%` or `:` and the end of a conversion.
struct FormatSpec {
    std::string fill = " ";
    char align = 0; ///< '<', '>', '^' or '=' (between sign and digits); 0 where the value's type decides
    char sign = 0;  ///< '+' or ' ' where numbers that are not negative have it; else 0
    bool alternate = false;
    char grouped = 0; ///< what stands between thousands; 0 for nothing
    size_t width = 0;
    int precision = -1; ///< negative where none was given
    char type = 0;      ///< the letter of the conversion; 0 where none was given
};

/// The largest width and precision. One that is larger is a Failure: no text needs it, and each takes as many
/// bytes.
inline constexpr size_t max_format_width = 100'000;

/// The number whose digits begin at `at`, which is moved behind them; 0 where there are none. Throws Failure.
size_t format_digits(std::string_view text, size_t & at);

/// `text` filled up to the width, at `otherwise` where the spec does not say where. The first `before` bytes,
/// a number's sign and base, stay in front of what is filled in for '='.
Text aligned(const Text & text, const FormatSpec & spec, char otherwise, size_t before = 0);
/// The number in the form that the spec's type asks for. Throws Failure.
Text formatted_number(const Value & value, const FormatSpec & spec);
/// The first `precision` code points; all where it is negative.
Text cut(const Text & text, int precision);
/// The character whose code the value is. Throws Failure where there is none.
Text character(const Value & value);
/// `format(value, spec)`, the spec in Python's own language for it. Throws Failure.
Text formatted(const Value & value, std::string_view spec);

} // namespace reprise::jinja
