#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "draft/acceptance.h"
#include "draft/asking.h"
#include "draft/continuations.h"
#include "draft/draft_text.h"
#include "draft/draft_tree.h"
#include "draft/guide.h"
#include "draft/recycling.h"
#include "draft/source.h"
#include "draft/throughput.h"
#include "draft/token.h"

namespace reprise::draft {

/// Whose tokens a tree holds where there is a draft model. All but `tree` are for benchmarks alone.
enum class Mix {
    tree,         ///< One tree of both, copies and the draft model's.
    alternatives, ///< Copies where one is likely, or else the draft model's, as llama.cpp mixes them.
    copies_alone,
    model_alone
};

struct DraftLimits {
    int max_nodes = 64;
    int max_leaves = 16;
    int max_depth = 64;
    bool chain = false; ///< The tree is one path, for caches that cannot take a tree.
    bool fixed = false; ///< The tree has `max_nodes` nodes where there are as many, whatever they are worth.
    Mix mix = Mix::tree;
};

/// Proposes what a model will say next from what its conversation holds already. Each sequence has one. A
/// copy, for a fork, shares the documents and copies the rest.
///
/// A pass begins with `begin`. Then `take` is called for as long as the next node pays (see `plan_pass`).
/// Once the model has verified the tree, `learn` and `append` take what it said.
class Drafter {
public:
    explicit Drafter(const Network & prior = Network::shipped()) : acceptance_(prior) {}

    /// Appends committed tokens of the conversation; their source is `prompt` or `output`.
    void append(std::span<const Token> tokens, Source source);
    /// Rolls the conversation back to its first `length` tokens.
    void truncate(size_t length) {
        text_.truncate(length);
        found_at_root_ = found_bucket_of_unknown;
    }
    size_t length() const { return text_.length(); }
    /// The committed tokens.
    std::span<const Token> text() const { return text_.conversation().text(); }

    /// Adds a text that may be quoted; its source is `prediction`, `reference` or `corpus`. Beyond
    /// `max_tokens` tokens of the source the oldest are forgotten.
    void add_document(std::span<const Token> tokens, Source source, size_t max_tokens = SIZE_MAX) {
        text_.add_document(tokens, source, max_tokens);
    }
    /// Takes documents that others hold, too: an index, or what a drafter that may search by the same means
    /// has.
    template <typename Documents> void share_documents(Documents documents, Source source) {
        text_.share_documents(std::move(documents), source);
    }
    std::shared_ptr<Document> documents(Source source) const { return text_.documents(source); }
    /// Says who searches the documents that are added or shared from then on. By default it is indexes.
    void let_search(std::shared_ptr<Searchers> searchers) { text_.let_search(std::move(searchers)); }
    void clear_documents(Source source) { text_.clear_documents(source); }

    /// Searches the documents of all these drafters, one that several share for all of them at once. To be
    /// called before `begin` where a pass has several; a drafter that it was not called for searches alone.
    /// `may_measure` says whether measured times may decide who searches.
    static void search_documents(std::span<Drafter * const> drafters, bool may_measure = true);
    /// Starts a pass with an empty tree: finds the candidates for what follows the last token. The tree holds
    /// what `guide` allows, where there is one; it is asked until the pass has its tree. So is `model`, where
    /// that pays at `worth`.
    void begin(const DraftLimits & limits, Guide * guide = nullptr, DraftModel * model = nullptr,
               const TimeWorth & worth = {});
    /// The path probability of the best node that could be taken; 0 where the limits allow none.
    double peek() const;
    /// Adds that node to the tree. Where a pass gives so many tokens a millisecond by now, that is what
    /// asking the draft model has to be worth.
    void take(double tokens_per_millisecond = 0);
    /// Gives back all nodes but the first `count`. Nothing is taken after that in this pass.
    void keep(int count) { tree_.nodes.resize(count); }
    const DraftTree & tree() const { return tree_; }
    /// How often its draft model was asked in this pass, and the milliseconds that this takes.
    int asked() const { return static_cast<int>(asking_.asked().size()); }
    double asking_milliseconds() const { return asking_.milliseconds(); }

    /// Learns from the pass how likely drafts are to be accepted. `committed` is what the model said from the
    /// root on, the accepted path's tokens and one more; `append` appends them.
    void learn(std::span<const Token> committed);
    /// Remembers the candidates that the model ranked highest after a token.
    void recycle(Token after, std::span<const RankedToken> top) { recycling_.remember(after, top); }
    Recycling & recycling() { return recycling_; }

    Acceptance & acceptance() { return acceptance_; }

    /// How fast this sequence has been going, and so what a node has to be worth.
    Throughput & throughput() { return throughput_; }
    const Throughput & throughput() const { return throughput_; }

    /// For fitting the priors: walks from the last token down the path that the model took, `committed`, and
    /// calls `visit(continuations, token)` for each node, until no continuation is the path's token.
    template <typename Visit> void follow(std::span<const Token> committed, Visit visit) {
        begin({.max_nodes = 1 << 20, .max_leaves = 1, .max_depth = 128, .chain = false, .fixed = true});
        for (const Token token : committed) {
            visit(std::as_const(continuations_), token);
            if (!take_child_of_last(token)) return;
        }
    }

private:
    /// A node that could be taken. Its occurrences are `indices_[first]` … `indices_[first + count - 1]`.
    struct Candidate {
        DraftNode node;
        const MatchStats::TokenStats * stats;
        uint32_t first, count;
        std::optional<Guide::Place> place; ///< the place after it, once the guide was asked
    };
    /// A candidate's entry in the heap. It is small, since the heap moves it about.
    struct Rank {
        float probability;
        uint32_t candidate;
        bool operator<(const Rank & other) const { return probability < other.probability; }
    };

    /// The probabilities of a node's continuations, put together.
    struct Sum {
        double best = 0, all = 0;
    };

    /// A node whose continuations are offered.
    struct Parent {
        int node;                                           ///< The node's index; -1 for the root.
        int depth;                                          ///< The node's depth; 0 for the root.
        Token token;                                        ///< The node's token.
        double path;                                        ///< The node's path probability.
        std::optional<Guide::Forced> forced = std::nullopt; ///< What the guide says comes next.
    };

    void expand(int node, const MatchStats::TokenStats & stats, uint32_t first, uint32_t count);
    void rate_continuations(size_t from, Sum & sum);
    /// Whether copies are offered, and the draft model is asked, where the two are alternatives.
    void choose_alternative(const Sum & sum);
    bool ask_draft_model(const Parent & parent, const Sum & sum);
    /// The bucket that learns how often the draft model's best candidate is right after the node.
    CalibrationBucket found_bucket_at(int node) const;
    CalibrationBucket found_bucket_after(int node, Token said) const;
    void weigh_agreement(Sum & sum);
    void offer_proposed(const Parent & parent, Sum & sum);
    void offer_recycled(const Parent & parent, double unclaimed, double worth);
    void offer_forced(const Parent & parent);
    void offer(const Parent & parent, const Continuation & continuation, double accepted);
    bool may_take(const Candidate & candidate) const;
    /// Whether the guide, where there is one, lets the candidate stand where it would.
    bool fits(Candidate & candidate);
    Guide::Place place_of(int node) const { return node < 0 ? Guide::root : places_[node]; }
    void prune_frontier();
    void take(const Candidate & candidate);
    bool take_child_of_last(Token token);
    std::span<const Token> path_to(int node);
    bool is_continuation(Token token) const;
    bool has_child(int node) const { return node < 0 ? root_has_child_ : has_child_[node] != 0; }
    void learn_from_offered();
    void learn_from_asked();

    DraftText text_;
    Acceptance acceptance_;
    Recycling recycling_;
    Throughput throughput_;
    Asking asking_;
    CalibrationBucket found_at_root_ = found_bucket_of_unknown;

    // The rest belongs to one pass.
    DraftLimits limits_;
    DraftTree tree_;
    std::vector<Occurrence> occurrences_; ///< All occurrences of the text's end.
    std::vector<uint32_t> indices_;       ///< Which of them each node has, node by node.
    OccurrenceGroups groups_;             ///< The groups of the node that was expanded last.
    Continuations continuations_;         ///< The continuations of that node.
    std::vector<float> log_odds_;         ///< What the prior gives these continuations.
    std::vector<double> accepted_;        ///< Their probabilities, given their parent.
    std::vector<Token> proposed_;         ///< What the draft model alone speaks for there.
    std::vector<Token> path_;             ///< The tokens to the node that the draft model is asked at.
    std::vector<Candidate> candidates_;   ///< All nodes that were offered.
    std::vector<Rank> frontier_;          ///< A heap of those not yet taken, the most probable on top.
    std::vector<uint8_t> has_child_;      ///< Whether each node has a child in the tree.
    std::vector<Token> committed_after_;  ///< What the model said after each node, the root first.
    Guide * guide_ = nullptr;             ///< It is not owned.
    std::vector<Guide::Place> places_;    ///< The place after each node, where there is a guide.
    bool root_has_child_ = false;
    bool offers_copies_ = true;
    int leaves_ = 0; ///< How many leaves the tree has.
};

} // namespace reprise::draft
