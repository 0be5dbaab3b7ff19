#pragma once

#include <limits>

#include "device/host_device.h"
#include "draft/token.h"

namespace reprise::device {

/// A token and its logit.
struct Ranked {
    draft::Token token;
    float logit;
};

/// Below every logit that can be chosen.
constexpr float lowest = -std::numeric_limits<float>::infinity();

/// The order of tokens: the higher logit, and of equal ones the lower token. It is total, so the best of a
/// row are the same in whatever order parts of the row are merged.
REPRISE_HOST_DEVICE inline bool precedes(const Ranked & one, const Ranked & other) {
    return one.logit > other.logit || (one.logit == other.logit && one.token < other.token);
}

/// The highest logits, the best first. What no logit fills is token 0 at -infinity.
struct Best {
    static constexpr int width = 4; ///< as many as TopLogits has
    Ranked at[width];
};

REPRISE_HOST_DEVICE inline Best no_best() {
    Best best;
    for (int i = 0; i < Best::width; ++i) best.at[i] = Ranked{0, lowest};
    return best;
}

/// A NaN and -infinity have no place among the best.
REPRISE_HOST_DEVICE inline void insert(Best & best, Ranked one) {
    if (!(one.logit > lowest) || !precedes(one, best.at[Best::width - 1])) return;
    // Every index is known when the loop is unrolled, so that the entries stay in registers.
    bool placed = false;
    for (int i = Best::width - 1; i > 0; --i) {
        if (placed) continue;
        if (precedes(one, best.at[i - 1])) {
            best.at[i] = best.at[i - 1];
        } else {
            best.at[i] = one;
            placed = true;
        }
    }
    if (!placed) best.at[0] = one;
}

REPRISE_HOST_DEVICE inline void merge(Best & best, const Best & other) {
    for (int i = 0; i < Best::width; ++i) insert(best, other.at[i]);
}

} // namespace reprise::device
