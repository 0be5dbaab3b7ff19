#pragma once

#include <nlohmann/json.hpp> // llama.cpp carries it

#include "jinja/value.h"

namespace reprise::jinja {

Value from_json(const nlohmann::ordered_json & json);

} // namespace reprise::jinja
