#pragma once

#include <cstdint>

#include "draft/draft_tree.h"

namespace reprise {

/// What a sampler draws from, as far as few of a row's logits may tell.
struct DrawRule {
    enum class Needs {
        best,   ///< the highest logits
        noised, ///< what is the best or the second best with GumbelMax's noise
        top_k,  ///< the `top_k` highest
        whole,  ///< all logits
    };
    Needs needs = Needs::whole;
    uint64_t seed = 0; ///< GumbelMax's
    float temperature = 0;
    float min_p = 0; ///< Of `noised`; 0 turns it off.
    int top_k = 0;

    bool operator==(const DrawRule &) const = default;
};

/// A draw of the token that `position` tokens come before.
struct Draw {
    DrawRule rule;
    int64_t position;
};

/// What will be drawn from the rows of a draft tree, as far as its drafts are accepted.
struct DrawnTree {
    int root_row; ///< The row of the batch that follows the root. The nodes' rows come behind it, in their
                  ///< order.
    const draft::DraftTree & tree;
    Draw root;
};

} // namespace reprise
