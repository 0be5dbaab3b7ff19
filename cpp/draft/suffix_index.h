#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "draft/array.h"
#include "draft/flat_map.h"
#include "draft/match.h"
#include "draft/prefetch.h"
#include "draft/token.h"

namespace reprise::draft {

/// Finds all earlier places of a growing text that agree with its end, by how far back they agree.
///
/// Every prefix of the text is a key: its tokens read backwards, the last `key_length` of them. Keys that are
/// equal are scattered. The keys of the prefixes that end in one token form a binary search tree whose root
/// is the latest of them (a treap with recency for priority). So the latest place of any match length lies on
/// one search path, and the places of one length form a subtree ordered by recency. The structure is that of
/// the LZMA SDK's binary-tree match finder (Igor Pavlov), and so is eviction: places that the window has left
/// are leaves, and count as none. As in a suffix array that is searched with its common-prefix lengths
/// (Manber and Myers 1993), a node knows how far it agrees with the two ancestors that enclose it, so that a
/// comparison seldom reads the text.
///
/// The tree is a function of the text alone, evicted tokens included: truncating merges the latest root's
/// children and leaves no trace. The index takes 20 bytes a token and one map entry for each distinct token.
/// A copy is three memcpys. It holds 2^31 - 1 tokens at most.
class SuffixIndex {
public:
    /// How many tokens the order of keys looks back. Longer matches have their true length in
    /// `longest_match`, and this one in `SuffixSearch`.
    static constexpr int32_t key_length = 32;
    /// A text that repeats up to so many tokens over and over agrees with an earlier stretch of them at many
    /// places. A key holds such a period twice.
    static constexpr int32_t longest_period = key_length / 2;

    static constexpr int32_t none = -1;
    /// A place, with the roots of its subtrees of smaller and of greater keys.
    struct Node {
        int32_t before = none;
        int32_t after = none;
        /// The token before those that agree with the nearer one of the ancestors that enclose the node.
        Token next = 0;
        /// How many tokens agree with the nearest ancestor of smaller key, and how many with that of greater
        /// key; 1 where there is no such ancestor.
        uint8_t agreed_before = 1;
        uint8_t agreed_after = 1;
        uint16_t unused = 0; ///< It fills the node, so that a file has no byte that is not known.

        int32_t agreed_nearer() const { return std::max(agreed_before, agreed_after); }
    };
    using Match = draft::Match;

    /// Appends to the text. Where there is no memory for it (std::bad_alloc), the index is as it was before.
    void append(Token token);
    void append(std::span<const Token> tokens);
    /// Rolls the text back to its first `length` tokens.
    void truncate(size_t length);
    /// Forgets the first `count` tokens: the text begins after them, and its positions count from there. The
    /// last `key_length` of them still count as what leads to the first places. This takes amortised O(1) a
    /// token.
    void evict(size_t count);

    size_t length() const { return text_.size() - first_; }
    Token operator[](size_t i) const { return text_[first_ + i]; }
    std::span<const Token> text() const { return std::span<const Token>(text_).subspan(first_); }

    /// The longest suffix of the text that also occurs earlier, and the latest place where it does. Where the
    /// suffix repeats itself (see `longest_period`), the latest place is where an earlier stretch ends; then
    /// it is the earliest in that stretch, which is as far into it as the text is.
    Match longest_match() const { return match_ ? *match_ : look_up_longest(); }

    /// What an index is made of, for storing it.
    struct Root {
        Token token;
        int32_t place;
    };
    struct Parts {
        std::span<const Token> text;
        std::span<const Node> nodes; ///< There is one for each token.
        std::vector<Root> roots;     ///< The roots of the trees that hold places from `first` on.
        uint32_t first = 0;          ///< The tokens before it are evicted.
        uint32_t moved = 0;          ///< So many tokens more were evicted and have left the text.
    };
    /// What this index is made of. Text and nodes stay in its memory.
    Parts parts() const;
    /// Makes an index that reads text and nodes where they are, kept by `owner`, until it is changed. It
    /// looks at every part once, so that no damaged index leads a walk astray. The caller has to know that
    /// the nodes belong to the text. Throws std::invalid_argument where a token is neither `separator` nor
    /// below `vocabulary_size`, or where a node or a root cannot be one.
    static SuffixIndex from_parts(const Parts & parts, std::shared_ptr<const void> owner,
                                  Token vocabulary_size);
    /// Gives back the memory of what was evicted, but for the tokens that lead to the first place. Positions
    /// stay as they are.
    void compact();

    /// Says which condition of the structure does not hold; empty where all do.
    std::string check_integrity() const;
    /// How much memory the index holds, in bytes.
    size_t bytes() const;

private:
    friend class SearchPath;
    friend class SuffixSearch;

    /// Positions are 32-bit numbers.
    static constexpr size_t max_length = INT32_MAX;
    /// Tokens are ordered by a mixed id: runs of ascending ids, as in numbered lists, would otherwise make a
    /// list of the search tree.
    static uint32_t order_of(Token token) { return static_cast<uint32_t>(token) * 0x9e3779b1u; }

    /// How a key compares with a context.
    struct Comparison {
        int32_t agreed; ///< How many tokens agree, `key_length` at most.
        bool is_before; ///< Whether the key is the smaller one.
    };
    /// The way down a tree that parts it by a new key.
    struct Descent {
        int32_t place; ///< The new key's place.
        int32_t at;    ///< The node to look at next.
        /// How many tokens of the new key agree with the ancestors that enclose that node.
        int32_t agreed_before, agreed_after;
        int32_t * before; ///< Where the next node of a smaller key goes.
        int32_t * after;  ///< Where the next node of a greater key goes.
    };

    Comparison compare(std::span<const Token> context, int32_t place, int32_t agreed_before,
                       int32_t agreed_after, int32_t own) const;
    void reserve(std::span<const Token> tokens);
    void insert_block(int32_t first, int32_t count);
    Descent descend_from_root(int32_t place);
    bool step(Descent & descent);
    void prefetch(int32_t place) const {
        if (has(place)) prefetch_memory(&nodes_[place]);
    }
    void remove_last();
    Match longest_of_ties(int32_t tie_before, int32_t tie_after) const;
    bool tie_is_before(int32_t a, int32_t b) const;
    Match look_up_longest() const;
    int32_t earliest_in_stretch(int32_t place, int32_t length) const;
    void own();
    bool has(int32_t place) const { return place >= first_; }
    Match match_at(int32_t place, int32_t length) const {
        return {static_cast<uint32_t>(length), static_cast<uint32_t>(place + 1 - first_)};
    }
    Token token_beyond(int32_t place, int32_t agreed) const {
        return agreed > place ? 0 : text_[place - agreed];
    }

    Array<Token> text_;
    Array<Node> nodes_;
    FlatMap<int32_t> roots_;     ///< For each token, the latest place that ends in it.
    int32_t first_ = 0;          ///< The places before this one are evicted.
    uint32_t moved_ = 0;         ///< By how much eviction has moved the places (modulo 2^32).
    std::optional<Match> match_; ///< The longest match, where it is known.
};

} // namespace reprise::draft
