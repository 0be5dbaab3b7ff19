#pragma once

#include <string_view>

#include "jinja/value.h"

namespace reprise::jinja {

/// `a op b` of numbers, texts and lists, for the operators + - * / // % and **. Throws Failure.
Value binary(std::string_view op, const Value & a, const Value & b);
/// `item in container`. Throws Failure where the container cannot hold anything.
bool contains(const Value & container, const Value & item);
/// `value[start:stop:step]`, where each of the three may be `none`. Throws Failure.
Value slice(const Value & value, const Value & start, const Value & stop, const Value & step);

} // namespace reprise::jinja
