#pragma once

#include "jinja/arguments.h"

namespace reprise::jinja {

/// `format.format(arguments)`, as Python formats. Throws Failure.
Text brace_format(const Text & format, const Arguments & arguments);

} // namespace reprise::jinja
