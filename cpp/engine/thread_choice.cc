#include "engine/thread_choice.h"

#include <algorithm>

namespace reprise {

namespace {

/// So many passes lie between trials, and so many make one. A trial that fails costs a few hundredths of the
/// time.
constexpr int between_trials = 48;
constexpr int passes_of_trial = 4;
/// The mean of `slowness` is one over some ten passes.
constexpr double decay = 0.9;
/// A pass that takes so many times what its threads take on an idle machine was disturbed.
constexpr double disturbed = 1.3;
/// A trial has to be better by more than chance.
constexpr double better = 0.93;

} // namespace

void ThreadChoice::observe(double slowness) {
    if (max_ <= 1) return;
    if (trial_ > 0) {
        trial_sum_ += slowness;
        if (++trial_passes_ < passes_of_trial) return;
        const double tried = trial_sum_ / passes_of_trial;
        if (tried < better * slowness_) {
            threads_ = trial_;
            slowness_ = tried;
        }
        trial_ = passes_ = 0;
        return;
    }
    slowness_ = slowness_ == 0 ? slowness : decay * slowness_ + (1 - decay) * slowness;
    if (++passes_ >= between_trials) start_trial();
}

void ThreadChoice::start_trial() {
    passes_ = 0;
    const double idle = static_cast<double>(max_) / threads_;
    const bool is_disturbed = slowness_ > disturbed * idle;
    if (is_disturbed && threads_ > 1)
        trial_ = threads_ - 1;
    else if (threads_ < max_)
        trial_ = threads_ + 1;
    trial_passes_ = 0;
    trial_sum_ = 0;
}

} // namespace reprise
