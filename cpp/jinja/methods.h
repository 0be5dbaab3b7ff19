#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "jinja/arguments.h"

namespace reprise::jinja {

using Method = Value (*)(const Value &, const Arguments &);
using Methods = std::map<std::string_view, Method>;

/// A method that Python's type has, bound to the value.
std::optional<Value> method_of(const Value & value, std::string_view name);
/// `value.name(arguments)`. Throws Failure where there is no method of that name, and what the method throws.
Value call_method(const Value & value, std::string_view name, const Arguments & arguments = {});

/// The methods of `str`.
const Methods & text_methods();

} // namespace reprise::jinja
