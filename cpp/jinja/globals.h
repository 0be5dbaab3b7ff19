#pragma once

#include <memory>

#include "jinja/rendering.h"

namespace reprise::jinja {

/// Defines the functions that every template can call (`range`, `namespace`, `strftime_now` and the like) in
/// `scope`.
void define_globals(Rendering & rendering, const std::shared_ptr<Scope> & scope);

/// The attributes of a namespace, which can be set; null where the value is no namespace.
Scope * namespace_of(const Value & value);

} // namespace reprise::jinja
