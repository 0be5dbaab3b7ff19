#pragma once

#include <cstdint>
#include <vector>

#include "jinja/text.h"
#include "jinja/value.h"

namespace reprise::jinja {

/// What filters and methods of texts share. Each result knows which of its bytes are content (`Text`).

Text upper(const Text & text);
Text lower(const Text & text);
/// The first letter is a capital, and all others are small.
Text capitalized(const Text & text);
/// `from` is replaced by `to` at most `max_count` times, from the left; a negative number is no bound.
Text replaced(const Text & text, const Text & from, const Text & to, int64_t max_count);
Text joined(const std::vector<Value> & values, const Text & between);
/// Lines as in `str.splitlines`, with what ends them where `keep_ends`.
std::vector<Value> lines_of(const Text & text, bool keep_ends = false);
/// The words between white space, at most `max_splits` and the rest; a negative number is no bound.
std::vector<Value> words_of(const Text & text, int64_t max_splits, bool from_right);
/// Filled with `fill` up to `width` code points, on the left or on the right.
Text padded(const Text & text, int64_t width, bool left, const Text & fill);
/// Filled on both sides; an odd place goes where `str.center` puts it.
Text centered(const Text & text, int64_t width, const Text & fill = " ");

} // namespace reprise::jinja
