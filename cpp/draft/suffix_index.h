#pragma once

#include "flat_map.h"
#include "token.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace reprise::draft {

/// All earlier places that agree with the end of a growing text, found by how
/// far back they agree.
///
/// Every prefix of the text is a key: its tokens read backwards, the last
/// `key_length` of them, ties broken by position. The keys of the prefixes that
/// end in one token form a binary search tree whose root is the latest of them
/// (a treap with recency for priority), so the latest place of any match length
/// lies on one search path, and the places of one length form a subtree ordered
/// by recency. The structure is that of the LZMA SDK's binary-tree match finder
/// (Igor Pavlov), without its window.
///
/// The tree is a function of the text alone: truncating merges the latest
/// root's children and leaves no trace. 12 bytes a token and one map entry for
/// each distinct token; a copy is three memcpys.
class SuffixIndex {
public:
    /// Tokens that the order of keys looks back. Match lengths beyond it are
    /// exact in `longest_match` and capped in `find`.
    static constexpr uint32_t key_length = 32;

    struct Match {
        uint32_t length = 0; ///< Tokens in agreement.
        uint32_t end = 0;    ///< Index of the token after the place.
    };

    void append(Token token);
    void append(std::span<const Token> tokens);
    /// Rolls the text back to its first `length` tokens.
    void truncate(size_t length);
    void clear() { truncate(0); }

    size_t length() const { return text_.size(); }
    Token operator[](size_t i) const { return text_[i]; }
    std::span<const Token> text() const { return text_; }

    /// The longest suffix of the text that also occurs earlier, and the latest
    /// place where it does.
    Match longest_match() const { return match_; }

    /// Places that agree with the end of `context`, without the end of this text
    /// itself where `context` is this text: for each of some match lengths, the
    /// `per_length` latest places that agree at least so far, each place once,
    /// lengths capped at `key_length`.
    void find(std::span<const Token> context, int per_length, std::vector<Match> & places) const;

    /// An empty string, or the broken condition.
    std::string check_integrity() const;
    /// Memory held.
    size_t bytes() const;

private:
    static constexpr uint32_t none = UINT32_MAX;
    struct Node {
        uint32_t before = none; ///< Subtree of smaller keys.
        uint32_t after = none;
    };

    uint32_t agreement(std::span<const Token> context, uint32_t place, uint32_t from) const;
    bool place_is_before(std::span<const Token> context, uint32_t place, uint32_t agreed) const;
    void insert(uint32_t place);
    void remove_last();
    Match longest_among(uint32_t root_a, uint32_t root_b) const;

    std::vector<Token> text_;
    std::vector<Node> nodes_;
    FlatMap<uint32_t> roots_; ///< By last token: the latest place that ends in it.
    Match match_;
};

} // namespace reprise::draft
