#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "draft/suffix_index.h"

// An index as it is stored, and back.

namespace reprise::draft {

SuffixIndex::Parts SuffixIndex::parts() const {
    Parts parts{text_, nodes_, {}, static_cast<uint32_t>(first_), moved_};
    parts.roots.reserve(roots_.size());
    roots_.each([&](Token token, int32_t root) {
        if (has(root)) parts.roots.push_back({token, root});
    });
    return parts;
}

SuffixIndex SuffixIndex::from_parts(const Parts & parts, std::shared_ptr<const void> owner,
                                    Token vocabulary_size) {
    const auto require = [](bool holds, const char * what) {
        if (!holds) throw std::invalid_argument(what);
    };
    require(parts.text.size() <= max_length && parts.first <= parts.text.size() &&
                parts.nodes.size() == parts.text.size(),
            "its lengths do not fit each other");
    const auto end = static_cast<int32_t>(parts.text.size()), first = static_cast<int32_t>(parts.first);
    for (const Token token : parts.text)
        require(token >= separator && token < vocabulary_size, "it holds a token that is none");

    // Every place from the first on is below one other of its token, or a root.
    std::vector<bool> seen(parts.text.size());
    int32_t count = 0;
    const auto see = [&](int32_t place, Token token) {
        if (place < first) return;
        require(!seen[place] && parts.text[place] == token, "its trees are damaged");
        seen[place] = true;
        ++count;
    };
    for (int32_t v = first; v < end; ++v) {
        const Node & node = parts.nodes[v];
        require(node.before >= none && node.before < v && node.after >= none && node.after < v &&
                    std::min(node.agreed_before, node.agreed_after) >= 1 &&
                    node.agreed_nearer() <= key_length,
                "its trees are damaged");
        see(node.before, parts.text[v]);
        see(node.after, parts.text[v]);
    }
    SuffixIndex index;
    for (const auto & [token, place] : parts.roots) {
        require(place >= first && place < end, "its trees are damaged");
        see(place, token);
        index.roots_.at(token, place);
    }
    require(count == end - first && index.roots_.size() == parts.roots.size(), "its trees are damaged");
    index.text_ = Array<Token>(parts.text, owner);
    index.nodes_ = Array<Node>(parts.nodes, std::move(owner));
    index.first_ = first;
    index.moved_ = parts.moved;
    return index;
}

} // namespace reprise::draft
