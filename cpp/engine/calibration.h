#pragma once

#include <map>
#include <span>
#include <vector>

#include "draft/pass_cost.h"
#include "engine/context.h"
#include "engine/sequence.h"

namespace reprise {

/// Times trial passes of a few sizes, so that trees are sized by cost before many real passes have shown what
/// those sizes take. A session is ready after `begin`; the rest is done in steps of one size, while nobody
/// waits for the context or, a little at a time, between passes that verify drafts.
class Calibration {
public:
    enum class Step { timed, stopped, impossible };

    /// Computes the context's first pass, which shows whether the model can be computed at all, and times a
    /// single row. Throws Error MODEL_INVALID where it cannot be computed. False when it was stopped before
    /// anything was timed.
    bool begin(Context & context, draft::PassCost & cost);
    /// Times the next size in a sequence that goes on from the cached tokens of `parent`, or begins anew
    /// where there is none. `stopped`: the context's abort ended it, and the step is still to be done.
    Step step(Context & context, draft::PassCost & cost, const Sequence * parent);
    /// What the next step is expected to take.
    double next_milliseconds(const draft::PassCost & cost, int depth) const;

    /// Whether each size has been timed once. What comes after that takes the shortest of several times.
    bool first_round_done() const { return round_ > 0 || done_; }
    bool done() const { return done_; }
    void finish() { done_ = true; }

private:
    class Trials;

    bool time_single(Trials & trials, draft::PassCost & cost);
    bool time(Trials & trials, draft::PassCost & cost, int rows);
    void apply(draft::PassCost & cost, int rows) const;
    /// Goes on to the next size that is to be timed.
    void advance(const Context & context, const draft::PassCost & cost);
    bool is_wanted(const Context & context, const draft::PassCost & cost, int rows) const;

    bool done_ = false;
    int round_ = 0;
    int next_ = 0;            ///< Of a round's sizes, the next.
    int depth_ = 0;           ///< The cached tokens before the rows that were timed.
    double milliseconds_ = 0; ///< All that trials took.
    /// The shortest time of each size after a pass of another size, and of single rows after each other.
    std::map<int, double> changed_;
    double repeated_ = 0;
};

/// The milliseconds by rows that smaller passes would take to compute `rows` together, at the best of them;
/// infinite where there is no smaller one. A pass that takes much longer was disturbed.
double milliseconds_in_parts(const std::map<int, double> & times, int rows);

} // namespace reprise
