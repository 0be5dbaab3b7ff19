#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jinja/value.h"

namespace reprise::jinja {

/// The arguments of a call of a function, a filter, a test or a method.
struct Arguments {
    std::vector<Value> positional;
    std::vector<std::pair<std::string, Value>> named;

    /// What was given for each of `parameters`, by place or by name. Throws Failure where there are too many,
    /// where a name is unknown or given twice, and where one of the first `required` is missing. `function`
    /// names the callee in errors.
    std::vector<std::optional<Value>> bind(std::string_view function,
                                           std::initializer_list<std::string_view> parameters,
                                           size_t required = 0) const;
};

/// What an argument must be. `what` names it in errors. Both throw Failure where it is something else.
int64_t to_integer(const Value & value, std::string_view what);
const Text & to_text(const Value & value, std::string_view what);

/// What an argument is, or `otherwise` where it was not given.
inline int64_t integer_or(const std::optional<Value> & value, int64_t otherwise, std::string_view what) {
    return value ? to_integer(*value, what) : otherwise;
}
inline bool truth_or(const std::optional<Value> & value, bool otherwise) {
    return value ? value->truth() : otherwise;
}

} // namespace reprise::jinja
