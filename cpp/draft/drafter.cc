#include "draft/drafter.h"

#include <algorithm>
#include <numeric>

namespace reprise::draft {

namespace {
/// Paths less probable than this are not worth the heap's time, unless a fixed size was asked for. On
/// recorded answers no pass has taken one: with a third of this and with three times as much all drafts are
/// the same.
constexpr double negligible = 0.001;
/// No frequent token is taken to be more probable than this where no occurrence speaks for it, so none is
/// looked for where a node has to be worth more. With 0.3 the speed-up on recorded answers is the same, and
/// drafting takes longer.
constexpr double max_frequent_probability = 0.06;
constexpr Token nothing = -1;

/// Of alternatives, copies are taken from this probability of the best on.
constexpr double likely_alternative = 0.5;

/// Whether candidates of the bucket teach what they are worth without being drafted: all but those that
/// occurrences alone speak for.
bool learns_undrafted(CalibrationBucket bucket) {
    return static_cast<size_t>(bucket) >= matched_bucket_count;
}
} // namespace

void Drafter::append(std::span<const Token> tokens, Source source) {
    if (source == Source::output)
        throughput_.observe(static_cast<int>(tokens.size()));
    else
        found_at_root_ = found_bucket_of_unknown;
    text_.append(tokens, source);
}

void Drafter::search_documents(std::span<Drafter * const> drafters, bool may_measure) {
    thread_local std::vector<DraftText *> texts;
    texts.clear();
    for (Drafter * const drafter : drafters)
        if (drafter->length() > 0) texts.push_back(&drafter->text_);
    DraftText::search_documents(texts, may_measure);
}

void Drafter::begin(const DraftLimits & limits, Guide * guide, DraftModel * model, const TimeWorth & worth) {
    limits_ = limits;
    asking_.begin(limits.mix == Mix::copies_alone ? nullptr : model, text(), worth, !limits.fixed);
    offers_copies_ = limits.mix != Mix::model_alone;
    guide_ = guide;
    places_.clear();
    tree_.nodes.clear();
    candidates_.clear();
    frontier_.clear();
    has_child_.clear();
    continuations_.clear();
    root_has_child_ = false;
    leaves_ = 0;
    if (limits.max_nodes <= 0 || limits.max_depth <= 0) return;
    text_.find_occurrences(occurrences_);
    indices_.resize(occurrences_.size());
    std::iota(indices_.begin(), indices_.end(), 0);
    expand(-1, text_.match_stats().of(text_.last()), 0, static_cast<uint32_t>(occurrences_.size()));
    prune_frontier();
}

/// Offers the continuations of a node: the tokens that its occurrences go on with, and others.
void Drafter::expand(int node, const MatchStats::TokenStats & stats, uint32_t first, uint32_t count) {
    continuations_.clear();
    Parent parent = node < 0 ? Parent{-1, 0, text_.last(), 1}
                             : Parent{node, tree_.nodes[node].depth, tree_.nodes[node].token,
                                      tree_.nodes[node].probability};
    if (parent.depth >= limits_.max_depth) return;
    if (guide_) parent.forced = guide_->forced(place_of(node));

    Sum sum;
    accepted_.clear();
    const double worth = limits_.fixed ? 0 : throughput_.worth_finding();
    if (offers_copies_) {
        groups_.gather(occurrences_, parent.depth, first, count, indices_);
        add_continuations(text_, parent.depth, stats, occurrences_, groups_, continuations_);
        rate_continuations(0, sum);
        if (node < 0 && max_frequent_probability > worth) {
            const size_t known = continuations_.size();
            add_frequent_tokens(text_, parent.token, stats, sum.best, continuations_);
            rate_continuations(known, sum);
        }
        if (node < 0 && limits_.mix == Mix::alternatives) choose_alternative(sum);
    }
    const bool asked = asking_.may_ask() && ask_draft_model(parent, sum);
    if (asked) weigh_agreement(sum);
    for (size_t i = 0; i < continuations_.size(); ++i) offer(parent, continuations_.list[i], accepted_[i]);
    proposed_.clear();
    if (asked) offer_proposed(parent, sum);
    if (offers_copies_ && !recycling_.empty()) offer_recycled(parent, std::max(0.0, 1 - sum.all), worth);
    if (parent.forced) offer_forced(parent);
}

/// Says how probable those of the continuations are that begin at `from`.
void Drafter::rate_continuations(size_t from, Sum & sum) {
    const size_t count = continuations_.size() - from;
    if (count == 0) return;
    log_odds_.resize(count);
    acceptance_.prior().log_odds(std::span(continuations_.evidence).subspan(from), log_odds_.data());
    for (size_t i = 0; i < count; ++i) {
        const double accepted = acceptance_.probability(log_odds_[i], continuations_.list[from + i].bucket);
        sum.best = std::max(sum.best, accepted);
        sum.all += accepted;
        accepted_.push_back(accepted);
    }
}

void Drafter::choose_alternative(const Sum & sum) {
    if (sum.best >= likely_alternative || !asking_.may_ask()) return asking_.stop();
    offers_copies_ = false;
    continuations_.clear();
    accepted_.clear();
}

/// Asks the draft model what follows the node, where that pays. Returns whether it did.
bool Drafter::ask_draft_model(const Parent & parent, const Sum & sum) {
    Asking::Claims claims{sum.all, sum.best};
    if (parent.forced) {
        const double forced = acceptance_.forced(parent.forced->kind);
        claims = {std::max(claims.all, forced), std::max(claims.best, forced)};
    }
    const CalibrationBucket bucket = found_bucket_at(parent.node);
    const double found = acceptance_.found(bucket);
    asking_.set_goes_on(std::max(found, 1 - 1 / throughput_.tokens_per_pass()));
    if (!asking_.pays(parent.path, claims, found, [&] { return path_to(parent.node); })) return false;
    asking_.ask(parent.node, bucket);
    return !asking_.candidates().empty();
}

CalibrationBucket Drafter::found_bucket_at(int node) const {
    if (node < 0) return found_at_root_;
    if (static_cast<size_t>(tree_.nodes[node].bucket) < first_agreed_bucket) return found_bucket_of_unknown;
    return found_bucket(confidence_bucket(tree_.nodes[node].accepted));
}

std::span<const Token> Drafter::path_to(int node) {
    path_.clear();
    for (int i = node; i >= 0; i = tree_.nodes[i].parent) path_.push_back(tree_.nodes[i].token);
    std::ranges::reverse(path_);
    return path_;
}

/// A token that the draft model goes on with, too, becomes more probable, another one less.
void Drafter::weigh_agreement(Sum & sum) {
    sum = {};
    const double best = asking_.best_confidence();
    for (size_t i = 0; i < continuations_.size(); ++i) {
        const auto confidence = asking_.confidence(continuations_.list[i].token);
        accepted_[i] = confidence ? acceptance_.agreed(accepted_[i], *confidence)
                                  : acceptance_.contradicted(accepted_[i], best);
        continuations_.list[i].bucket = confidence ? agreed_bucket(confidence_bucket(*confidence))
                                                   : contradicted_bucket(confidence_bucket(best));
        sum.best = std::max(sum.best, accepted_[i]);
        sum.all += accepted_[i];
    }
}

bool Drafter::is_continuation(Token token) const {
    return std::ranges::find(continuations_.list, token, &Continuation::token) != continuations_.list.end();
}

/// Offers what the draft model alone speaks for. These candidates share the probability that the others
/// leave.
void Drafter::offer_proposed(const Parent & parent, Sum & sum) {
    const double unclaimed = std::max(0.0, 1 - sum.all);
    for (const DraftModel::Candidate & candidate : asking_.candidates()) {
        if (is_continuation(candidate.token)) continue;
        const double accepted = unclaimed * acceptance_.proposed(candidate.probability);
        const CalibrationBucket bucket = proposed_bucket(confidence_bucket(candidate.probability));
        const MatchStats::TokenStats & stats = text_.match_stats().of(candidate.token);
        offer(parent, {candidate.token, Source::draft_model, bucket, &stats}, accepted);
        proposed_.push_back(candidate.token);
        sum.all += accepted;
    }
}

/// Offers what the model ranked highest when it last saw the node's token, but for what an occurrence goes on
/// with. These candidates share the probability that the other continuations leave. The root's are all
/// offered, since they teach what such candidates are worth whether or not they are drafted.
void Drafter::offer_recycled(const Parent & parent, double unclaimed, double worth) {
    const Recycling::Row * const row = recycling_.after(parent.token);
    if (row == nullptr) return;
    for (const Recycling::Candidate & candidate : row->candidates()) {
        const double accepted = unclaimed * acceptance_.recycled(candidate.share);
        if (parent.node >= 0 && !limits_.fixed && !parent.forced && parent.path * accepted < worth) continue;
        if (is_continuation(candidate.token) || std::ranges::count(proposed_, candidate.token) > 0) continue;
        const MatchStats::TokenStats & stats = text_.match_stats().of(candidate.token);
        offer(parent, {candidate.token, Source::recycled, calibration_bucket(candidate.share), &stats},
              accepted);
    }
}

/// Offers the token that must come, where nothing else has offered it.
void Drafter::offer_forced(const Parent & parent) {
    const auto [token, kind] = *parent.forced;
    for (size_t i = candidates_.size(); i-- > 0 && candidates_[i].node.parent == parent.node;)
        if (candidates_[i].node.token == token) return;
    offer(parent, {token, Source::grammar, calibration_bucket(kind), &text_.match_stats().of(token)},
          acceptance_.forced(kind));
}

void Drafter::offer(const Parent & parent, const Continuation & continuation, double accepted) {
    if (parent.forced && continuation.source != Source::grammar) {
        const auto [token, kind] = *parent.forced;
        const double forced = acceptance_.forced(kind);
        if (continuation.token != token) {
            accepted *= 1 - forced; // The others share what is left.
        } else if (forced > accepted) {
            // It goes on with the occurrences that it was found at.
            Continuation same = continuation;
            same.source = Source::grammar;
            same.bucket = calibration_bucket(kind);
            offer(parent, same, forced);
            return;
        }
    }
    if (parent.path * accepted < negligible && !limits_.fixed) return;
    const auto probability = static_cast<float>(parent.path * accepted);
    frontier_.push_back({probability, static_cast<uint32_t>(candidates_.size())});
    std::push_heap(frontier_.begin(), frontier_.end());
    candidates_.push_back({{continuation.token, parent.node, parent.depth + 1, probability,
                            static_cast<float>(accepted), continuation.source, continuation.bucket},
                           continuation.stats,
                           continuation.first,
                           continuation.count,
                           {}});
}

bool Drafter::fits(Candidate & candidate) {
    if (!guide_) return true;
    if (!candidate.place)
        candidate.place = guide_->after(place_of(candidate.node.parent), candidate.node.token);
    return *candidate.place != Guide::refused;
}

bool Drafter::may_take(const Candidate & candidate) const {
    return !has_child(candidate.node.parent) || (!limits_.chain && leaves_ < limits_.max_leaves);
}

/// Drops nodes from the top of the heap that the limits no longer allow, or the guide does not.
void Drafter::prune_frontier() {
    const auto may_stay = [&](Candidate & candidate) { return may_take(candidate) && fits(candidate); };
    while (!frontier_.empty() && !may_stay(candidates_[frontier_.front().candidate])) {
        std::pop_heap(frontier_.begin(), frontier_.end());
        frontier_.pop_back();
    }
}

double Drafter::peek() const {
    if (tree_.size() >= limits_.max_nodes || frontier_.empty()) return 0;
    return frontier_.front().probability;
}

void Drafter::take(double tokens_per_millisecond) {
    if (peek() == 0) return;
    asking_.value_time(tokens_per_millisecond);
    const Candidate best = candidates_[frontier_.front().candidate];
    std::pop_heap(frontier_.begin(), frontier_.end());
    frontier_.pop_back();
    take(best);
    prune_frontier();
}

void Drafter::take(const Candidate & candidate) {
    const int parent = candidate.node.parent;
    // The first child of a leaf takes the leaf's place; every other child is a leaf more.
    if (parent < 0 || has_child(parent)) ++leaves_;
    if (parent < 0)
        root_has_child_ = true;
    else
        has_child_[parent] = 1;
    tree_.nodes.push_back(candidate.node);
    has_child_.push_back(0);
    if (guide_) places_.push_back(candidate.place.value_or(Guide::unknown));
    if (tree_.size() < limits_.max_nodes)
        expand(tree_.size() - 1, *candidate.stats, candidate.first, candidate.count);
}

bool Drafter::take_child_of_last(Token token) {
    const int parent = tree_.size() - 1;
    const auto child = std::find_if(candidates_.begin(), candidates_.end(), [&](const Candidate & c) {
        return c.node.parent == parent && c.node.token == token;
    });
    if (child == candidates_.end()) return false;
    const Candidate taken = *child;
    candidates_.clear();
    frontier_.clear();
    take(taken);
    return true;
}

void Drafter::learn(std::span<const Token> committed) {
    if (committed.empty()) return;
    committed_after_.assign(tree_.nodes.size() + 1, nothing);
    int parent = -1, last = -1; // `last`: what the last token follows
    for (const Token token : committed) {
        last = parent;
        committed_after_[parent + 1] = token;
        int right = -1;
        for (int i = parent + 1; i < tree_.size(); ++i) {
            const DraftNode & node = tree_.nodes[i];
            if (node.parent != parent) continue;
            if (!learns_undrafted(node.bucket))
                acceptance_.learn(node.bucket, node.accepted, node.token == token);
            if (node.token == token) right = i;
        }
        if (right < 0) break;
        parent = right;
    }
    if (!recycling_.empty() || guide_ || !asking_.asked().empty()) learn_from_offered();
    learn_from_asked();
    found_at_root_ = found_bucket_after(last, committed.back());
}

/// Learns from the model's own candidates, from what a guide forces, and from what was weighed by a draft
/// model, whether or not they were drafted: a model that says what it ranked second gets it drafted from then
/// on, and one that cuts forced text into other tokens than the vocabulary's own is left alone until it does
/// not.
void Drafter::learn_from_offered() {
    for (const Candidate & candidate : candidates_) {
        const DraftNode & node = candidate.node;
        if (!learns_undrafted(node.bucket) || node.parent >= tree_.size()) continue;
        if (candidate.place == Guide::refused) continue; // The model had no say.
        const Token token = committed_after_[node.parent + 1];
        if (token != nothing) acceptance_.learn(node.bucket, node.accepted, node.token == token);
    }
}

/// The bucket of a token that the model said after the node, if the draft model was asked there.
CalibrationBucket Drafter::found_bucket_after(int node, Token said) const {
    if (std::ranges::find(asking_.asked(), node, &Asking::Asked::node) == asking_.asked().end())
        return found_bucket_of_unknown;
    const auto offered = std::ranges::find_if(candidates_, [&](const Candidate & candidate) {
        return candidate.node.parent == node && candidate.node.token == said;
    });
    return found_bucket(confidence_bucket(offered == candidates_.end() ? 0 : offered->node.accepted));
}

/// Learns how often the draft model's best candidate is right where no occurrence goes on with what was said.
void Drafter::learn_from_asked() {
    for (const Asking::Asked & asked : asking_.asked()) {
        const Token said = asked.node < tree_.size() ? committed_after_[asked.node + 1] : nothing;
        const bool is_copied = std::ranges::any_of(candidates_, [&](const Candidate & candidate) {
            return candidate.node.parent == asked.node && candidate.node.token == said && candidate.count > 0;
        });
        if (said == nothing || is_copied) continue;
        acceptance_.learn(asked.found, acceptance_.found(asked.found), asked.best == said);
    }
}

} // namespace reprise::draft
