#pragma once

#include <cstdint>
#include <vector>

#include "draft/source.h"
#include "draft/token.h"

namespace reprise::draft {

struct DraftNode {
    Token token;
    int32_t parent;    ///< Index of the parent, -1 for a child of the root (the last
                       ///< committed token).
    int32_t depth;     ///< 1 for a child of the root.
    float probability; ///< That the whole path down to here is what the model says.
    float accepted;    ///< That this token is, given its parent.
    Source source;
    uint8_t kind; ///< Of its evidence, for `Acceptance::learn`.
};

/// A tree of drafts: parents before children, siblings hold distinct tokens.
struct DraftTree {
    std::vector<DraftNode> nodes;

    int size() const { return static_cast<int>(nodes.size()); }
    int leaf_count() const;
    /// Index of the child of `parent` (-1: the root) that holds `token`, or -1.
    int child(int parent, Token token) const;
};

} // namespace reprise::draft
