#pragma once

#include <vector>

#include "draft/draft_tree.h"
#include "engine/batch.h"
#include "engine/sequence.h"

namespace reprise {

/// Where a sequence's draft tree stands in a batch. The root is the sequence's last token, and each node
/// a row at position root + depth that belongs to the sequence ids of all leaves below it (SpecInfer's
/// token tree, in llama.cpp's terms). So a row sees its own path alone.
class TreeRows {
public:
    /// Adds the root and the nodes to the batch.
    TreeRows(Batch & batch, Sequence & sequence, const draft::DraftTree & tree);
    /// Stands for the root alone, in a row that the batch has already.
    explicit TreeRows(int root_row);

    /// The row whose logits follow `node`, or the root where it is -1.
    int row(int node) const { return root_row_ + 1 + node; }

    /// Keeps the cells of the root and of the path down to `node`, and no others. It is called after the
    /// pass.
    void keep_path(Sequence & sequence, const draft::DraftTree & tree, int node) const;

private:
    int root_row_;
    int leaves_ = 1;
    std::vector<int> leaf_below_; ///< By node: the first leaf below it. Leaf 0 is the sequence itself.
};

} // namespace reprise
