#pragma once

#include <map>
#include <string_view>

#include "jinja/arguments.h"
#include "jinja/rendering.h"

namespace reprise::jinja {

using FilterFunction = Value (*)(Rendering &, const Value &, const Arguments &);
using FilterTable = std::map<std::string_view, FilterFunction>;

/// The filter of that name, or of which it is another name; null where there is none.
FilterFunction filter_named(std::string_view name);

/// `value | name(arguments)`. Throws Failure where there is no filter of that name, and what the filter
/// throws.
Value filtered(Rendering & rendering, std::string_view name, const Value & value,
               const Arguments & arguments);

/// Jinja's filters by what they work on. A name is in one table alone.
const FilterTable & text_filters();
const FilterTable & number_filters();
const FilterTable & sequence_filters();

} // namespace reprise::jinja
