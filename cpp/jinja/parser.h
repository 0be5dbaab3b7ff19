#pragma once

#include <string_view>

#include "jinja/statements.h"

namespace reprise::jinja {

/// Parses a template. Throws Failure, whose message names the line.
Body parse(std::string_view source);

} // namespace reprise::jinja
