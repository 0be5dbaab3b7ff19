#pragma once

#include <optional>
#include <type_traits>
#include <variant>
#include <vector>

#include "draft/pass_cost.h"
#include "engine/batch.h"
#include "engine/pass_parts.h"
#include "engine/pass_timing.h"
#include "engine/prompt_rows.h"
#include "engine/sample_and_match.h"
#include "engine/tree_rows.h"

namespace reprise {

/// One llama_decode of some members: the draft trees of those that generate, and the next prompt tokens of
/// the others, which share evenly what the trees leave of the batch.
class VerifyPass {
public:
    /// `cost` is asked for what rows cost, and learns it.
    VerifyPass(Context & context, draft::PassCost & cost)
        : context_(context), cost_(cost), timing_(context, cost) {}

    /// The passes that compute what the members have to compute next. It grows their trees, those of each
    /// pass over one row budget.
    std::vector<std::vector<Member *>> plan(const std::vector<Member *> & members);
    /// Computes one of the planned passes, with the trees' roots alone where the cache has no room for more.
    /// Throws Error DECODE_FAILED.
    DecodeStatus compute(const std::vector<Member *> & members);
    /// What the pass took that was computed last.
    double milliseconds() const { return timing_.milliseconds(); }
    /// After compute() gave `done`: whether a member's logits are no numbers.
    bool is_spoilt() const;
    /// After compute() gave `done`: commits what the logits gave the member at `index`, and teaches its
    /// drafter. None where that member's prompt has more to compute or is all that was asked for, and where
    /// its rows did not see all that they should have and are computed again.
    std::optional<Verified> take(size_t index);

private:
    std::vector<std::vector<Member *>> groups(const std::vector<Member *> & members) const;
    /// Grows the members' trees; `prompts` more members of the pass compute prompt tokens.
    void grow_trees(const std::vector<Member *> & members, int prompts);
    /// Counts what the member's draft model has done.
    void count_asked(Member & member);
    draft::DraftLimits limits(const Member & member, int free_leaves) const;
    DecodeStatus decode_rows(bool with_drafts);
    std::optional<Verified> take(Member & member, const TreeRows & rows);
    std::optional<Verified> take(Member & member, const PromptRows & rows);
    /// Says to whoever has the logits what will be drawn from them.
    void announce_draws();
    /// Counts the logits of so many rows of the member, and those that were fetched since it last did.
    void count_logits(Member & member, int rows);
    /// Gives the drafter what the model ranks highest after the rejected drafts. Returns the milliseconds it
    /// took.
    double recycle_rejected(Member & member, const TreeRows & rows, const Verified & verified);

    Context & context_;
    draft::PassCost & cost_;
    PassTiming timing_;
    Batch batch_;
    std::vector<Member *> members_;                        ///< whom the present pass computes
    std::vector<std::variant<TreeRows, PromptRows>> rows_; ///< in the members' order

    LogitsRead fetched_;  ///< of them, all that is counted already
    PartsWatch watch_;    ///< since the present pass began
    double draft_ms_ = 0; ///< a member's share of growing them
};

} // namespace reprise
