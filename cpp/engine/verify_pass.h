#pragma once

#include <vector>

#include "draft/pass_cost.h"
#include "engine/batch.h"
#include "engine/sample_and_match.h"
#include "engine/stopwatch.h"
#include "engine/thread_choice.h"
#include "engine/tree_rows.h"

namespace reprise {

/// One llama_decode of the draft trees of some members, and what comes of it.
class VerifyPass {
public:
    /// `cost` is asked for what rows cost, and learns it.
    VerifyPass(Context & context, draft::PassCost & cost)
        : context_(context), cost_(cost), thread_choice_(context.computing_threads()) {}

    /// Grows the members' trees over one row budget.
    void grow_trees(const std::vector<Member *> & members);
    /// Members whose trees one llama_decode can compute.
    std::vector<std::vector<Member *>> parts(const std::vector<Member *> & members) const;
    /// Computes the trees, or the roots alone where the cache has no room for more. Throws Error
    /// DECODE_FAILED.
    DecodeStatus compute(const std::vector<Member *> & members);
    /// After compute() gave `done`: whether a member's logits are no numbers.
    bool is_spoilt() const;
    /// After compute() gave `done`: commits what the logits gave the member at `index`, and teaches its
    /// drafter.
    Verified take(size_t index);

private:
    DecodeStatus decode_trees(bool with_drafts);
    /// Whether the pass is so short that it is seldom interrupted, and to measure more than its time by the
    /// clock would make it longer by a hundredth.
    bool is_short() const;
    /// Chooses the threads that compute the pass. Where sizes of trees are not to depend on time, nor are
    /// they.
    void choose_threads();
    /// Learns from what the pass took.
    void learn_cost(double busy_ms);
    /// Gives the drafter what the model would have said after the drafts that it did not say, where that is
    /// worth its time. Returns the milliseconds it took.
    double recycle_rejected(Member & member, const TreeRows & rows, const Verified & verified);

    Context & context_;
    draft::PassCost & cost_;
    ThreadChoice thread_choice_;
    bool chooses_threads_ = false; ///< in this pass
    Batch batch_;
    std::vector<Member *> members_;
    std::vector<TreeRows> rows_; ///< in the members' order

    Stopwatch watch_;     ///< since the trees began to grow
    double draft_ms_ = 0; ///< a member's share of growing them
    double compute_ms_ = 0;
    double plain_ms_ = 0; ///< a member's share of a pass without drafts
};

} // namespace reprise
