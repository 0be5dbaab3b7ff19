#include "draft/draft_tree.h"

namespace reprise::draft {

std::vector<int> DraftTree::leaves() const {
    std::vector<bool> has_child(nodes.size(), false);
    for (const DraftNode & node : nodes)
        if (node.parent >= 0) has_child[node.parent] = true;
    std::vector<int> leaves;
    for (int i = 0; i < size(); ++i)
        if (!has_child[i]) leaves.push_back(i);
    return leaves;
}

int DraftTree::child(int parent, Token token) const {
    for (int i = parent + 1; i < size(); ++i)
        if (nodes[i].parent == parent && nodes[i].token == token) return i;
    return -1;
}

} // namespace reprise::draft
