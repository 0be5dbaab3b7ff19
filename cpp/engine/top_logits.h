#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "draft/recycling.h"

namespace reprise {

/// The highest logits, the best first, as many as `draft::Recycling` remembers. Of equal ones the first token
/// comes first.
using TopLogits = std::array<draft::RankedToken, draft::Recycling::width>;

/// The highest of `logits`, of which there is one a token. A NaN counts as -infinity. Where fewer are above
/// that than `TopLogits` holds, the last entries are token 0 at -infinity. It takes about as long as to find
/// the highest alone.
TopLogits top_logits(const float * logits, int count);

/// Whether any of the logits that these are the highest of is a number.
inline bool has_number(const TopLogits & top) {
    return top[0].logit > -std::numeric_limits<float>::infinity();
}

/// Some blocks of a row of logits: those with the highest maxima.
struct TopBlocks {
    int size; ///< Each has so many logits, a multiple of 256. Block i begins with token i * size.
    std::span<const int32_t> ids; ///< In any order, one more than `TopLogits` holds.
    const float * logits;         ///< One block after the other, in the order of `ids`.
    int count;                    ///< So many blocks the row has,
    std::span<const float> tail;  ///< and behind them these logits.
};

/// What top_logits() gives for the whole row. Nothing where these blocks do not tell, because others may have
/// logits as high as the last that counts.
std::optional<TopLogits> top_logits(const TopBlocks & blocks);

} // namespace reprise
