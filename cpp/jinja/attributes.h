#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "jinja/value.h"

namespace reprise::jinja {

/// `value.name` and `value[key]`, as Jinja looks them up: an attribute first in the one, an item first in the
/// other. Both give an undefined value where there is neither, and throw Failure where `value` is undefined.
Value attribute_of(const Value & value, std::string_view name);
Value item_of(const Value & value, const Value & key);

/// The attribute or method of that name; an item of that name is none.
std::optional<Value> own_attribute_of(const Value & value, std::string_view name);

/// The index of an item that a part of a path such as `messages.0.content` stands for; none where it is a
/// name. It has at most nine digits, which no item of a value that fits into memory needs more of.
std::optional<int64_t> index_in_path(std::string_view part);

} // namespace reprise::jinja
