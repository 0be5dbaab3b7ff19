#pragma once

#include <map>

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

using Method = Value (*)(const Value &, const Arguments &);
using Methods = std::map<std::string_view, Method>;
const Methods & text_methods();

Text upper(const Text & text);
Text lower(const Text & text);
Text capitalized(const Text & text);
Text replaced(const Text & text, const Text & from, const Text & to, int64_t most);
Text joined(const std::vector<Value> & values, const Text & between);
std::vector<Value> lines_of(const Text & text, bool keep_ends = false);
Text centered(const Text & text, int64_t width, const Text & fill = " ");

} // namespace reprise::jinja
