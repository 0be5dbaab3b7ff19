#include "engine/tree_rows.h"

namespace reprise {

TreeRows::TreeRows(int root_row) : root_row_(root_row) {}

TreeRows::TreeRows(Batch & batch, Sequence & sequence, const draft::DraftTree & tree)
    : root_row_(batch.size()), leaf_below_(tree.nodes.size(), -1) {
    const std::vector<int> ends = tree.leaves();
    if (!ends.empty()) leaves_ = static_cast<int>(ends.size());
    const auto ids = sequence.leaves(leaves_);

    std::vector<std::vector<llama_seq_id>> through(tree.nodes.size());
    for (int leaf = 0; leaf < static_cast<int>(ends.size()); ++leaf) {
        for (int node = ends[leaf]; node >= 0; node = tree.nodes[node].parent) {
            through[node].push_back(ids[leaf]);
            if (leaf_below_[node] < 0) leaf_below_[node] = leaf;
        }
    }
    const llama_pos root_position = sequence.position(sequence.cached());
    batch.add(sequence.history().back(), root_position, ids, true);
    for (size_t i = 0; i < tree.nodes.size(); ++i)
        batch.add(tree.nodes[i].token, root_position + tree.nodes[i].depth, through[i], true);
}

void TreeRows::keep_path(Sequence & sequence, const draft::DraftTree & tree, int node) const {
    const auto depth = [&](int of) { return of < 0 ? 0 : tree.nodes[of].depth; };
    int on_own_path = node;
    while (on_own_path >= 0 && leaf_below_[on_own_path] != 0) on_own_path = tree.nodes[on_own_path].parent;
    sequence.keep_path(leaves_, node < 0 ? 0 : leaf_below_[node], depth(on_own_path), depth(node));
}

} // namespace reprise
