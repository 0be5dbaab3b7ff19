#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jinja/value.h"

namespace reprise::jinja {

/// Names and their values in one part of a template. What is not found in it is looked up in the scope around
/// it.
struct Scope {
    explicit Scope(std::shared_ptr<Scope> outer) : outer(std::move(outer)) {}

    std::shared_ptr<Scope> outer; ///< null for the outermost
    std::vector<std::pair<std::string, Value>> names;

    /// Null where neither this scope nor one around it has the name.
    const Value * find(std::string_view name) const;
    /// Sets the name in this scope.
    void set(std::string_view name, Value value);
};

} // namespace reprise::jinja
