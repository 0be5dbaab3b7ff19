#pragma once

namespace reprise::draft {

/// How many tokens a millisecond this sequence has committed of late, which is what time is worth: a node of
/// the next pass has to earn its time at this rate. (By the renewal-reward theorem the long-run rate is
/// highest if every pass stops where its next node earns less than the long-run rate.)
class Throughput {
public:
    /// The pass that is being planned will take `milliseconds`, this sequence's share, and a node less
    /// probable than `threshold` would not have paid.
    void plan(double milliseconds, double threshold) {
        planned_ = milliseconds;
        threshold_ = threshold;
    }
    /// The planned pass committed `tokens`.
    void observe(int tokens) {
        if (planned_ <= 0) return;
        tokens_ = tokens_ * decay + tokens;
        passes_of_late_ = passes_of_late_ * decay + 1;
        milliseconds_ = milliseconds_ * decay + planned_;
        planned_ = 0;
    }
    /// The rate; 0 before the first pass.
    double tokens_per_millisecond() const { return milliseconds_ > 0 ? tokens_ / milliseconds_ : 0; }
    /// The tokens that a pass has committed of late; 1 before the first.
    double tokens_per_pass() const { return passes_of_late_ > 0 ? tokens_ / passes_of_late_ : 1; }
    /// The probability below which a node is not worth finding: half of what the last pass asked for, since
    /// the next one may ask for less.
    double worth_finding() const { return threshold_ / 2; }
    /// True once in a while: a pass may then be larger than its cost is thought to allow, to learn that cost.
    bool may_explore() { return ++passes_ % exploration_interval == 0; }

private:
    /// The share of a pass that is left one pass later, so that about the last ten count. From 0.8 to 0.95
    /// the speed-up on recorded answers is the same to 0.03 %.
    static constexpr double decay = 0.9;
    /// Every so many passes one may explore.
    static constexpr unsigned exploration_interval = 8;
    double tokens_ = 0, milliseconds_ = 0, passes_of_late_ = 0;
    unsigned passes_ = 0;
    double planned_ = 0, threshold_ = 0;
};

} // namespace reprise::draft
