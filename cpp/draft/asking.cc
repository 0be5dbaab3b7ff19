#include "draft/asking.h"

#include <algorithm>
#include <cmath>

namespace reprise::draft {

namespace {
/// Where time does not count, a node has to gain so much.
constexpr double least_untimed_gain = 0.1;
/// No path of a tree goes on for longer, not even where time costs nothing.
constexpr int longest_path = 128;
/// The model catches up once asking would have gained this part of what that costs.
constexpr double missed_share = 0.125;
/// After so many passes in which it was not asked, asking counts as a gain of so many tokens: what it has
/// learnt to be worth may have changed, and nothing else would tell.
constexpr int exploration_interval = 32;
constexpr double exploration_gain = 0.2;
/// Where a copy is so likely, it would tell little.
constexpr double likely_copy = 0.5;
} // namespace

void Asking::begin(DraftModel * model, std::span<const Token> text, const TimeWorth & worth, bool is_timed) {
    model_ = model;
    text_ = text;
    worth_ = worth;
    is_timed_ = is_timed;
    has_begun_ = false;
    candidates_ = {};
    asked_.clear();
    if (model_) ++passes_without_;
    milliseconds_ = 0;
    has_missed_ = false;
}

double Asking::net_gain(double path_probability, const Claims & claims, double found) const {
    const double claimed = std::min(claims.all, 1.0);
    const double all = path_probability * (claimed + (1 - claimed) * found);
    if (!is_timed_) return all - path_probability * claims.best - least_untimed_gain;
    const double asking = worth_.tokens_per_millisecond * model_->single_milliseconds();
    const double further = worth_.tokens_per_millisecond * model_->further_milliseconds();
    const double row = worth_.tokens_per_millisecond * worth_.row_milliseconds;
    const auto value = [&](double reached) {
        double sum = reached - row;
        double next = reached * worth_.goes_on;
        for (int step = 0; step < longest_path && next > further + row; ++step, next *= worth_.goes_on)
            sum += next - further - row;
        return sum;
    };
    const double net = value(all) - asking - std::max(0.0, value(path_probability * claims.best));
    const bool explores = passes_without_ > exploration_interval && claims.best < likely_copy;
    return explores ? std::max(net, exploration_gain) : net;
}

bool Asking::pays_after(double gain, std::span<const Token> path) {
    if (!has_begun_) model_->begin(text_);
    has_begun_ = true;
    path_ = path;
    next_milliseconds_ = model_->milliseconds(path);
    if (!std::isfinite(next_milliseconds_)) return false;
    if (!is_timed_) return true;
    const double catching_up = std::max(0.0, next_milliseconds_ - model_->single_milliseconds());
    const double cost = worth_.tokens_per_millisecond * catching_up;
    if (gain > cost) return true;
    // A pass misses what one of its nodes would have gained: the others would have been asked no more.
    if (!has_missed_) missed_ += gain;
    has_missed_ = true;
    return missed_ > missed_share * cost;
}

void Asking::ask(int node, CalibrationBucket found) {
    missed_ = 0;
    passes_without_ = 0;
    milliseconds_ += next_milliseconds_;
    candidates_ = model_->ask(path_);
    if (!candidates_.empty()) asked_.push_back({node, candidates_.front().token, found});
}

std::optional<double> Asking::confidence(Token token) const {
    const auto found = std::ranges::find(candidates_, token, &DraftModel::Candidate::token);
    return found == candidates_.end() ? std::nullopt : std::optional<double>(found->probability);
}

} // namespace reprise::draft
