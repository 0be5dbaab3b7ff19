#pragma once

#include <span>
#include <utility>
#include <vector>

#include "draft/acceptance.h"
#include "draft/draft_tree.h"
#include "draft/options.h"
#include "draft/pace.h"
#include "draft/recycling.h"
#include "draft/source.h"
#include "draft/token.h"
#include "draft/transcript.h"

namespace reprise::draft {

struct DraftLimits {
    int max_nodes = 64;
    int max_leaves = 16;
    int max_depth = 64;
    bool chain = false; ///< One path only, for memories that cannot take a tree.
    bool fixed = false; ///< Take `max_nodes` nodes wherever that many are to be
                        ///< had, whatever they are worth.
};

/// Proposes what a model will say next from what was said before: one per
/// sequence. A copy (for a fork) shares the documents and copies the rest.
///
/// A pass goes `begin`, then `take` for as long as the next node pays (see `plan_pass`), then, once the model
/// has verified the tree, `learn` and `append`.
class Drafter {
public:
    explicit Drafter(const Network & prior = Network::shipped()) : acceptance_(prior) {}

    /// Committed tokens of the conversation: `prompt` or `output`.
    void append(std::span<const Token> tokens, Source source);
    /// Rolls the conversation back to its first `length` tokens.
    void truncate(size_t length) { transcript_.truncate(length); }
    size_t length() const { return transcript_.length(); }
    /// The committed tokens.
    std::span<const Token> text() const { return transcript_.conversation().text(); }

    /// Text that may be quoted: a `prediction`, a `reference`, or an `earlier` conversation. Beyond `most`
    /// tokens of the source the oldest are forgotten.
    void add_document(std::span<const Token> tokens, Source source, size_t most = SIZE_MAX) {
        transcript_.add_document(tokens, source, most);
    }
    void share_documents(std::shared_ptr<SuffixIndex> documents, Source source) {
        transcript_.share_documents(std::move(documents), source);
    }
    void clear_documents(Source source) { transcript_.clear_documents(source); }

    /// Starts a pass: finds the candidates for the present end; `tree()` is empty.
    void begin(const DraftLimits & limits);
    /// Path probability of the best node not yet taken, 0 where there is none within the limits.
    double peek() const;
    /// Adds that node to the tree.
    void take();
    /// Gives back all nodes but the first `count`; nothing is taken after that in this pass.
    void keep(int count) { tree_.nodes.resize(count); }
    const DraftTree & tree() const { return tree_; }

    /// What the model said from the root on: the accepted path's tokens and one more. Updates what is learnt
    /// about acceptance; the tokens are appended by `append`.
    void learn(std::span<const Token> said);
    /// The model's best candidates after a token (see `Recycling`).
    void recycle(Token after, std::span<const RankedToken> top) { recycling_.remember(after, top); }
    Recycling & recycling() { return recycling_; }

    Acceptance & acceptance() { return acceptance_; }

    /// How fast this sequence has been going, and what a node has to be worth.
    Pace & pace() { return pace_; }
    const Pace & pace() const { return pace_; }

    /// For fitting the priors: walks down the path that the model took from the present end, `said`, and
    /// shows the options of every node on it, `visit(options, token)`, until none is right.
    template <typename Visit> void follow(std::span<const Token> said, Visit visit) {
        begin({.max_nodes = 1 << 20, .max_leaves = 1, .max_depth = 128, .chain = false, .fixed = true});
        for (const Token token : said) {
            visit(std::as_const(options_), token);
            if (!take_child_of_last(token)) return;
        }
    }

private:
    /// A node that could be taken, and its places among the indices.
    struct Candidate {
        DraftNode node;
        const Experience::Fate * fate;
        uint32_t first, count;
    };
    /// A candidate in the heap: small, since the heap moves it about.
    struct Rank {
        float probability;
        uint32_t candidate;
        bool operator<(const Rank & other) const { return probability < other.probability; }
    };

    /// Probabilities of a node's options.
    struct Sum {
        double best = 0, all = 0;
    };

    /// A node whose children are offered.
    struct Parent {
        int node;    ///< -1: the root.
        int depth;   ///< Of the node, 0 for the root.
        Token token; ///< The node's.
        double path; ///< Its path probability.
    };

    void expand(int node, const Experience::Fate & fate, uint32_t first, uint32_t count);
    void offer_options(const Parent & parent, size_t from, Sum & sum);
    void offer(const Parent & parent, const Option & option, double accepted);
    void offer_recycled(const Parent & parent, double unclaimed, double worth);
    void learn_from_recycled();
    void take(const Candidate & candidate);
    bool take_child_of_last(Token token);
    /// Drops nodes from the top of the heap that the limits no longer allow.
    void settle();
    bool allowed(const Candidate & candidate) const;
    bool has_child(int node) const { return node < 0 ? root_has_child_ : has_child_[node] != 0; }

    Transcript transcript_;
    Acceptance acceptance_;
    Recycling recycling_;
    Pace pace_;

    // One pass.
    DraftLimits limits_;
    DraftTree tree_;
    std::vector<Place> places_;
    std::vector<uint32_t> indices_;     ///< Of places, node by node.
    PlaceGroups groups_;                ///< Of the node expanded last.
    Options options_;                   ///< Of the node expanded last.
    std::vector<float> log_odds_;       ///< Of its options, by the prior.
    std::vector<Candidate> candidates_; ///< All that were offered.
    std::vector<Rank> frontier_;        ///< A heap of those not yet taken: the most probable first.
    std::vector<uint8_t> has_child_;
    std::vector<Token> said_after_; ///< By node, the root first: what the model said after it.
    bool root_has_child_ = false;
    int leaves_ = 0;
};

} // namespace reprise::draft
