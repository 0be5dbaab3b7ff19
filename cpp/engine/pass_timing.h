#pragma once

#include <optional>
#include <span>

#include "draft/pass_cost.h"
#include "engine/busy_time.h"
#include "engine/context.h"
#include "engine/member.h"
#include "engine/stopwatch.h"
#include "engine/thread_choice.h"

namespace reprise {

/// What verify passes take while they are used; `calibration.h` times some at the start. Before each it
/// chooses the threads that compute it, and from each it learns what rows cost. A pass that computes prompts,
/// too, is computed by all threads and teaches nothing about trees.
class PassTiming {
public:
    /// `cost` learns what rows cost.
    PassTiming(Context & context, draft::PassCost & cost)
        : context_(context), cost_(cost), thread_choice_(context.computing_threads()) {}

    /// A pass begins. `members` verify drafts in it; `is_mixed` where it computes prompts, too.
    void begin(std::span<Member * const> members, bool is_mixed);
    /// The pass has ended; `rows` are those of trees.
    void end(int rows);

    /// Whether the pass computes prompts, too: then its time says nothing of the trees' rows.
    bool is_mixed() const { return is_mixed_; }
    /// Milliseconds that the pass took.
    double milliseconds() const { return milliseconds_; }
    /// Milliseconds that a member would have waited for `tokens` tokens if nobody had drafts: as many passes
    /// of the members' roots.
    double plain_milliseconds(int tokens) const {
        return tokens > 0 ? first_plain_ms_ + (tokens - 1) * plain_ms_ : 0;
    }
    /// A member's share of such a pass.
    double plain_share() const { return members_ > 0 ? plain_ms_ / members_ : 0; }

private:
    /// Whether the pass is so short that it is seldom interrupted, and to measure more than its time by the
    /// clock would make it longer by a hundredth.
    bool is_short() const;

    Context & context_;
    draft::PassCost & cost_;
    ThreadChoice thread_choice_;

    int members_ = 0;
    int depth_ = 0; ///< tokens before the first member's root
    bool is_mixed_ = false;
    bool chooses_threads_ = false; ///< in this pass
    Stopwatch watch_;
    std::optional<BusyTime> busy_;
    double slowness_ = 1; ///< how much longer than on an idle machine the last pass of trees alone took
    double milliseconds_ = 0;
    double plain_ms_ = 0;       ///< What a pass of the roots alone would have taken,
    double first_plain_ms_ = 0; ///< and one that computes this pass's prompts beside them.
};

} // namespace reprise
