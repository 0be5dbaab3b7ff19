#pragma once

#include <string_view>

#include "jinja/nodes.h"

namespace reprise::jinja {

/// Throws Failure.
Body parse(std::string_view source);

} // namespace reprise::jinja
