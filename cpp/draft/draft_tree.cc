#include "draft/draft_tree.h"

namespace reprise::draft {

int DraftTree::leaf_count() const {
    std::vector<bool> has_child(nodes.size(), false);
    for (const DraftNode & node : nodes)
        if (node.parent >= 0) has_child[node.parent] = true;
    int leaves = 0;
    for (const bool inner : has_child) leaves += !inner;
    return leaves;
}

int DraftTree::child(int parent, Token token) const {
    for (int i = parent + 1; i < size(); ++i)
        if (nodes[i].parent == parent && nodes[i].token == token) return i;
    return -1;
}

} // namespace reprise::draft
