#include <algorithm>
#include <cstdint>

#include "draft/suffix_index.h"

// Whether an index holds what its header says of it, for tests.

namespace reprise::draft {

std::string SuffixIndex::check_integrity() const {
    if (nodes_.size() != text_.size()) return "every token has one node";
    std::vector<bool> seen(text_.size(), false);
    std::string broken;
    const auto agreement = [&](int32_t a, int32_t b) {
        int32_t agreed = 0;
        while (agreed < key_length && agreed <= std::min(a, b) && text_[a - agreed] == text_[b - agreed])
            ++agreed;
        return agreed;
    };
    const auto key_before = [&](int32_t a, int32_t b) {
        const int32_t agreed = agreement(a, b);
        if (agreed >= key_length) return tie_is_before(a, b);
        if (agreed > a) return true;
        if (agreed > b) return false;
        return order_of(text_[a - agreed]) < order_of(text_[b - agreed]);
    };
    struct Subtree {
        int32_t root, before, after; // with the ancestors that enclose it
    };
    roots_.each([&](Token token, int32_t root) {
        // Without recursion: a long run of one token makes a deep tree.
        std::vector<Subtree> stack{{root, none, none}};
        while (broken.empty() && !stack.empty()) {
            const auto [v, before, after] = stack.back();
            stack.pop_back();
            if (!has(v)) continue;
            if (v >= static_cast<int32_t>(text_.size())) {
                broken = "a node lies within the text";
                return;
            }
            if (seen[v]) broken = "a node has one parent";
            seen[v] = true;
            const Node & node = nodes_[v];
            if (text_[v] != token) broken = "a tree holds the places of one token";
            if (std::max(node.before, node.after) >= v) broken = "a child is earlier than its parent";
            if (before != none && !key_before(before, v)) broken = "keys ascend";
            if (after != none && !key_before(v, after)) broken = "keys ascend";
            if (node.agreed_before != (before == none ? 1 : agreement(before, v)) ||
                node.agreed_after != (after == none ? 1 : agreement(after, v)))
                broken = "a node knows how far it agrees with the ancestors that enclose it";
            if (node.next != token_beyond(v, node.agreed_nearer())) broken = "a node knows its next token";
            stack.push_back({node.before, before, v});
            stack.push_back({node.after, v, after});
        }
    });
    if (!broken.empty()) return broken;
    if (std::find(seen.begin() + first_, seen.end(), false) != seen.end()) return "every place is in a tree";
    const Match match = look_up_longest(), known = longest_match();
    if (match.length != known.length || match.end != known.end) return "the longest match is up to date";
    return {};
}

} // namespace reprise::draft
