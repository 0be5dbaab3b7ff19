#pragma once

#include <cstdint>
#include <vector>

#include "draft/calibration_bucket.h"
#include "draft/source.h"
#include "draft/token.h"

namespace reprise::draft {

struct DraftNode {
    Token token;
    int32_t parent;    ///< The parent's index; -1 for a child of the root, which is the last committed token.
    int32_t depth;     ///< How far the node is below the root: 1 for a child of the root.
    float probability; ///< The probability that the model says the whole path down to this token.
    float accepted;    ///< The probability that the model says this token, given that it says the parent.
    Source source;
    CalibrationBucket bucket; ///< The bucket that learns whether the token was accepted.
};

/// A tree of drafts: parents come before their children, and siblings hold distinct tokens.
struct DraftTree {
    std::vector<DraftNode> nodes;

    int size() const { return static_cast<int>(nodes.size()); }
    /// The indices of the nodes without children, in ascending order.
    std::vector<int> leaves() const;
    /// The index of the child of `parent` (-1: the root) that holds `token`, or -1.
    int child(int parent, Token token) const;
};

} // namespace reprise::draft
