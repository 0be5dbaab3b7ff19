#include "engine/learnt.h"

namespace reprise {

Learnt::Learnt(const CorpusOptions & corpus, const VocabularyId & vocabulary) {
    if (!corpus.path.empty()) corpus_ = std::make_unique<Corpus>(corpus.path, vocabulary, corpus.max_tokens);
}

KnownCost Learnt::pass_cost(int threads) const {
    std::lock_guard lock(mutex_);
    const auto found = cost_by_threads_.find(threads);
    return found == cost_by_threads_.end() ? KnownCost() : found->second;
}

void Learnt::keep_pass_cost(int threads, const KnownCost & cost) {
    std::lock_guard lock(mutex_);
    KnownCost & known = cost_by_threads_[threads];
    if (cost.calibrated || !known.calibrated) known = cost;
}

draft::Acceptance::LogOddsBias Learnt::log_odds_bias() const {
    std::lock_guard lock(mutex_);
    return log_odds_bias_;
}

void Learnt::keep_log_odds_bias(const draft::Acceptance::LogOddsBias & before,
                                const draft::Acceptance::LogOddsBias & after) {
    std::lock_guard lock(mutex_);
    for (size_t kind = 0; kind < after.size(); ++kind)
        if (after[kind] != before[kind]) log_odds_bias_[kind] = after[kind];
}

draft::Recycling Learnt::recycling() const {
    std::lock_guard lock(mutex_);
    return recycling_;
}

void Learnt::keep_recycling(const draft::Recycling & recycling, std::span<const draft::Token> tokens) {
    std::lock_guard lock(mutex_);
    recycling_.adopt(recycling, tokens);
}

void Learnt::seed(draft::Drafter & drafter) const {
    if (corpus_) drafter.share_documents(corpus_->grown_index(), draft::Source::corpus);
    drafter.acceptance().start_from(log_odds_bias());
    drafter.recycling() = recycling();
}

} // namespace reprise
