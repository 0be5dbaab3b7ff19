#pragma once

#include <array>

#include "draft/recycling.h"

namespace reprise {

/// The highest logits, the best first, as many as `draft::Recycling` remembers. Of equal ones the first token
/// comes first.
using TopLogits = std::array<draft::RankedToken, draft::Recycling::width>;

/// The highest of `logits`, of which there is one a token. A NaN counts as -infinity. Where fewer are above
/// that than `TopLogits` holds, the last entries are token 0 at -infinity. It takes about as long as to find
/// the highest alone.
TopLogits top_logits(const float * logits, int count);

} // namespace reprise
