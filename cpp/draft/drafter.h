#pragma once

#include "acceptance.h"
#include "draft_tree.h"
#include "recycling.h"
#include "suffix_index.h"
#include "token.h"

#include <array>
#include <memory>
#include <span>
#include <vector>

namespace reprise::draft {

struct DraftLimits {
    int max_nodes = 64;
    int max_leaves = 16;
    int max_depth = 64;
    bool chain = false; ///< One path only, for memories that cannot take a tree.
    bool fixed = false; ///< Take `max_nodes` nodes wherever that many are to be had, whatever they are worth.
};

/// Proposes what a model will say next from what was said before: one per sequence. A copy (for a
/// fork) shares the documents and copies the conversation's index.
class Drafter {
public:
    /// Committed tokens of the conversation: `prompt` or `output`.
    void append(std::span<const Token> tokens, Source source);
    /// Rolls the conversation back to its first `length` tokens.
    void truncate(size_t length);
    size_t length() const { return conversation_.length(); }

    /// Text that may be quoted: a `prediction`, a `reference`, or an `earlier` conversation.
    void add_document(std::span<const Token> tokens, Source source);
    void clear_documents(Source source);

    /// Starts a pass: finds the candidates for the present end; `tree()` is empty.
    void begin(const DraftLimits & limits);
    /// Path probability of the best node not yet taken, 0 where there is none within the limits.
    double peek() const;
    /// Adds that node to the tree.
    void take();
    const DraftTree & tree() const { return tree_; }
    const DraftLimits & limits() const { return limits_; }

    /// What the model said from the root on: the accepted path's tokens and one more. Updates what is
    /// learnt about acceptance; the tokens are appended by `append`.
    void learn(std::span<const Token> said);
    /// The model's best candidates after a token (see `Recycling`).
    void recycle(Token after, std::span<const Token> top) { recycling_.remember(after, top); }

private:
    /// A place that agrees with the end of the conversation, and goes on with `text[next]`.
    struct Place {
        const Token * next;
        const Token * end; ///< Of its text.
        uint32_t length;   ///< Tokens in agreement.
        Source source;
    };
    /// A node that could be taken: its places are `places_[first, first + count)`.
    struct Candidate {
        DraftNode node;
        uint32_t first, count;
    };

    void find_places();
    void expand(int parent, uint32_t first, uint32_t count);
    void offer(int parent, Token token, double probability, const Evidence & evidence, uint32_t first,
               uint32_t count);
    static bool less_probable(const Candidate & a, const Candidate & b);
    void settle();
    bool allowed(const Candidate & candidate) const;

    SuffixIndex conversation_;
    std::vector<Source> sources_; ///< Of each token of the conversation.
    std::array<std::shared_ptr<const SuffixIndex>, source_count> documents_{};
    Acceptance acceptance_;
    Recycling recycling_;

    // One pass.
    DraftLimits limits_;
    DraftTree tree_;
    std::vector<Place> places_;
    std::vector<Candidate> frontier_; ///< A heap: the most probable first.
    std::vector<uint8_t> has_child_;
    bool root_has_child_ = false;
    int leaves_ = 0;
};

} // namespace reprise::draft
