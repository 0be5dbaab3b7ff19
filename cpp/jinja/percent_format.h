#pragma once

#include "jinja/value.h"

namespace reprise::jinja {

/// `format % values`, as Python formats. `values` is a tuple, a mapping or one value. Throws Failure.
Text percent_format(const Text & format, const Value & values);

} // namespace reprise::jinja
