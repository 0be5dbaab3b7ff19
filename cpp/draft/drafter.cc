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

/// Whether candidates of the source teach what they are worth without being drafted.
bool learns_undrafted(Source source) {
    return source == Source::recycled || source == Source::grammar;
}
} // namespace

void Drafter::append(std::span<const Token> tokens, Source source) {
    if (source == Source::output) throughput_.observe(static_cast<int>(tokens.size()));
    text_.append(tokens, source);
}

void Drafter::search_documents(std::span<Drafter * const> drafters, bool may_measure) {
    thread_local std::vector<DraftText *> texts;
    texts.clear();
    for (Drafter * const drafter : drafters)
        if (drafter->length() > 0) texts.push_back(&drafter->text_);
    DraftText::search_documents(texts, may_measure);
}

void Drafter::begin(const DraftLimits & limits, Guide * guide) {
    limits_ = limits;
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

    groups_.gather(occurrences_, parent.depth, first, count, indices_);
    add_continuations(text_, parent.depth, stats, occurrences_, groups_, continuations_);
    Sum sum;
    offer_continuations(parent, 0, sum);
    const double worth = limits_.fixed ? 0 : throughput_.worth_finding();
    if (node < 0 && max_frequent_probability > worth) {
        const size_t known = continuations_.size();
        add_frequent_tokens(text_, parent.token, stats, sum.best, continuations_);
        offer_continuations(parent, known, sum);
    }
    if (!recycling_.empty()) offer_recycled(parent, std::max(0.0, 1 - sum.all), worth);
    if (parent.forced) offer_forced(parent);
}

/// Offers those of the continuations that begin at `from`.
void Drafter::offer_continuations(const Parent & parent, size_t from, Sum & sum) {
    const size_t count = continuations_.size() - from;
    if (count == 0) return;
    log_odds_.resize(count);
    acceptance_.prior().log_odds(std::span(continuations_.evidence).subspan(from), log_odds_.data());
    for (size_t i = 0; i < count; ++i) {
        const Continuation & continuation = continuations_.list[from + i];
        const double accepted = acceptance_.probability(log_odds_[i], continuation.bucket);
        sum.best = std::max(sum.best, accepted);
        sum.all += accepted;
        offer(parent, continuation, accepted);
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
        if (std::any_of(continuations_.list.begin(), continuations_.list.end(),
                        [&](const Continuation & o) { return o.token == candidate.token; }))
            continue;
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

void Drafter::take() {
    if (peek() == 0) return;
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
    committed_after_.assign(tree_.nodes.size() + 1, nothing);
    int parent = -1;
    for (const Token token : committed) {
        committed_after_[parent + 1] = token;
        int right = -1;
        for (int i = parent + 1; i < tree_.size(); ++i) {
            const DraftNode & node = tree_.nodes[i];
            if (node.parent != parent) continue;
            if (!learns_undrafted(node.source))
                acceptance_.learn(node.bucket, node.accepted, node.token == token);
            if (node.token == token) right = i;
        }
        if (right < 0) break;
        parent = right;
    }
    if (!recycling_.empty() || guide_) learn_from_offered();
}

/// Learns from the model's own candidates, and from what a guide forces, whether or not they were drafted: a
/// model that says what it ranked second gets it drafted from then on, and one that cuts forced text into
/// other tokens than the vocabulary's own is left alone until it does not.
void Drafter::learn_from_offered() {
    for (const Candidate & candidate : candidates_) {
        const DraftNode & node = candidate.node;
        if (!learns_undrafted(node.source) || node.parent >= tree_.size()) continue;
        if (candidate.place == Guide::refused) continue; // The model had no say.
        const Token token = committed_after_[node.parent + 1];
        if (token != nothing) acceptance_.learn(node.bucket, node.accepted, node.token == token);
    }
}

} // namespace reprise::draft
