#include "engine/pass_timing.h"

#include <algorithm>

namespace reprise {

bool PassTiming::is_short() const {
    return cost_.measured() && cost_.steady_milliseconds(members_, depth_) < 1;
}

void PassTiming::begin(std::span<Member * const> members, bool is_mixed) {
    members_ = static_cast<int>(members.size());
    depth_ = members.empty() ? 0 : members.front()->sequence.cached();
    is_mixed_ = is_mixed;
    // Where sizes of trees are not to depend on time, nor are threads.
    const bool is_timed = std::all_of(members.begin(), members.end(), [](const Member * member) {
        return member->generation->options().draft_mode == DraftMode::automatic;
    });
    chooses_threads_ = !is_mixed && is_timed && thread_choice_.max() > 1 && cost_.measured() && !is_short();
    context_.use_threads(chooses_threads_ ? thread_choice_.threads() : context_.options().threads);
    watch_ = Stopwatch();
    busy_.emplace(is_mixed || is_short() ? 0 : context_.computing_threads());
}

void PassTiming::end(int rows) {
    milliseconds_ = watch_.milliseconds();
    if (members_ == 0) return;
    const double busy_ms = busy_->milliseconds(milliseconds_);
    const bool has_all_threads = context_.computing_threads() == thread_choice_.max();
    if (!is_mixed_) {
        if (has_all_threads) cost_.observe(rows, depth_, busy_ms);
        // What had kept this pass waiting would have kept others waiting too.
        slowness_ = milliseconds_ / busy_ms;
    }
    if (chooses_threads_) {
        const double of_all = milliseconds_ / cost_.steady_milliseconds(rows, depth_);
        if (!has_all_threads) slowness_ = of_all;
        thread_choice_.observe(of_all);
    }
    // A pass is never longer for fewer rows, whatever the costs say that were learnt on a busy machine.
    plain_ms_ = std::min(cost_.steady_milliseconds(members_, depth_) * slowness_, milliseconds_);
    first_plain_ms_ = plain_ms_;
    if (!is_mixed_) return;
    // Without drafts the prompts would have been computed beside the first token all the same.
    const double drafts = cost_.steady_milliseconds(rows, depth_) * slowness_ - plain_ms_;
    first_plain_ms_ = std::max(plain_ms_, milliseconds_ - std::max(0.0, drafts));
}

} // namespace reprise
