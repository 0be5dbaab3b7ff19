#pragma once

#include <array>

#include "draft/recycling.h"

namespace reprise {

/// The highest logits, best first, of equals the first; as many as `draft::Recycling` remembers.
using TopLogits = std::array<draft::RankedToken, draft::Recycling::width>;

/// `logits`: one per token. A NaN counts as -infinity; where fewer than `TopLogits`' size are above that, the
/// last entries are token 0 at -infinity. One pass over them, about as fast as finding the highest alone.
TopLogits top_logits(const float * logits, int count);

} // namespace reprise
