#pragma once

#include "jinja/rendering.h"

/// What filters, tests and methods share.
namespace reprise::jinja {

int64_t to_integer(const Value & value, std::string_view what);
const Text & to_text(const Value & value, std::string_view what);
inline int64_t integer_or(const std::optional<Value> & value, int64_t otherwise, std::string_view what) {
    return value ? to_integer(*value, what) : otherwise;
}
inline bool truth_or(const std::optional<Value> & value, bool otherwise) {
    return value ? value->truth() : otherwise;
}

Text upper(const Text & text);
Text lower(const Text & text);
Text capitalized(const Text & text);
Text replaced(const Text & text, const Text & from, const Text & to, int64_t most);
Text joined(const std::vector<Value> & values, const Text & between);
std::vector<Value> lines_of(const Text & text);
Text centered(const Text & text, int64_t width);

} // namespace reprise::jinja
