#pragma once

#include <string_view>

#include "jinja/arguments.h"
#include "jinja/rendering.h"

namespace reprise::jinja {

using TestFunction = bool (*)(Rendering &, const Value &, const Arguments &);

/// Jinja's test of that name (`value is name`), or of which it is another name; null where there is none.
TestFunction test_named(std::string_view name);

/// `value is name(arguments)`. Throws Failure where there is no test of that name, and what the test throws.
bool tested(Rendering & rendering, std::string_view name, const Value & value, const Arguments & arguments);

} // namespace reprise::jinja
