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
#include "draft/prefetch.h"
#include "draft/token.h"

namespace reprise::draft {

/// All earlier places that agree with the end of a growing text, found by how far back they agree.
///
/// Every prefix of the text is a key: its tokens read backwards, the last `key_length` of them, ties
/// scattered. The keys of the prefixes that end in one token form a binary search tree whose root is the
/// latest of them (a treap with recency for priority), so the latest place of any match length lies on one
/// search path, and the places of one length form a subtree ordered by recency. The structure is that of the
/// LZMA SDK's binary-tree match finder (Igor Pavlov); so is eviction: places that the window has left are
/// leaves, and count as none. As in a suffix array searched with its common-prefix lengths (Manber and Myers
/// 1993), a node knows how far it agrees with the two ancestors that enclose it, so that a comparison seldom
/// reads the text.
///
/// The tree is a function of the text alone, evicted tokens included: truncating merges the latest root's
/// children and leaves no trace. 20 bytes a token and one map entry for each distinct token; a copy is three
/// memcpys. At most 2^31 - 1 tokens.
class SuffixIndex {
public:
    /// Tokens that the order of keys looks back. Match lengths beyond it are
    /// exact in `longest_match` and capped in `SuffixSearch`.
    static constexpr int32_t key_length = 32;
    /// A text that repeats so few tokens over and over agrees with an earlier stretch of them at many places.
    static constexpr int32_t longest_period = key_length / 2;

    static constexpr int32_t none = -1;
    /// A place, with the subtrees of smaller and of greater keys.
    struct Node {
        int32_t before = none;
        int32_t after = none;
        /// The token before those in agreement with the nearer enclosing ancestor.
        Token next = 0;
        /// Tokens in agreement with the nearest ancestor of smaller key, and of
        /// greater key; 1 where there is none.
        uint8_t agreed_before = 1;
        uint8_t agreed_after = 1;
        uint16_t unused = 0; ///< So that every byte is known, for files.

        int32_t agreed_nearer() const { return std::max(agreed_before, agreed_after); }
    };
    struct Match {
        uint32_t length = 0; ///< Tokens in agreement.
        uint32_t end = 0;    ///< Index of the token after the place.
    };

    /// Where there is no memory for a change (std::bad_alloc), the index holds what it held before.
    void append(Token token);
    void append(std::span<const Token> tokens);
    /// Rolls the text back to its first `length` tokens.
    void truncate(size_t length);
    /// Forgets the first `count` tokens: the text begins after them, and its positions count from there. The
    /// last `key_length` of them still count as what leads to the first places. Amortised O(1) a token.
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
        std::span<const Node> nodes; ///< As many.
        std::vector<Root> roots;     ///< Of the places from `first` on.
        uint32_t first = 0;          ///< Tokens before it are evicted,
        uint32_t moved = 0;          ///< and these are not in the text any more.
    };
    /// Text and nodes are this index's own.
    Parts parts() const;
    /// An index that reads text and nodes where they are, kept by `owner`, until it is changed. Looks at
    /// every part once, so that no index that is not whole leads a walk astray; whether it is the text's is
    /// the caller's to know. Throws std::invalid_argument where a token is no `separator` and not below
    /// `vocabulary_size`, or a node or root is none.
    static SuffixIndex from_parts(const Parts & parts, std::shared_ptr<const void> owner,
                                  Token vocabulary_size);
    /// Gives back the memory of what was evicted, but for the tokens that lead to
    /// the first place. Positions stay.
    void compact();

    /// An empty string, or the broken condition.
    std::string check_integrity() const;
    /// Memory held.
    size_t bytes() const;

private:
    friend class SearchPath;
    friend class SuffixSearch;

    /// How a key compares with a context.
    struct Comparison {
        int32_t agreed; ///< Tokens in agreement, at most `key_length`.
        bool is_before;
    };
    /// The way down a tree that parts it by a new key.
    struct Descent {
        int32_t place; ///< Of the new key.
        int32_t at;    ///< The node to look at next.
        /// Tokens in agreement of the new key with the ancestors that enclose the node.
        int32_t agreed_before, agreed_after;
        int32_t * before; ///< Where the next node of a smaller key goes,
        int32_t * after;  ///< and of a greater one.
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
    FlatMap<int32_t> roots_;     ///< By last token: the latest place that ends in it.
    int32_t first_ = 0;          ///< Places before it are evicted.
    uint32_t moved_ = 0;         ///< By how much eviction has moved the places (modulo 2^32).
    std::optional<Match> match_; ///< The longest one, where it is known.
};

} // namespace reprise::draft
