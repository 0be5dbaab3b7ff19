#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "draft/drafter.h"
#include "draft/pass_cost.h"
#include "engine/corpus.h"

namespace reprise {

struct CorpusOptions {
    std::string path; ///< of the file; empty for none
    int max_tokens = 0;
};

struct KnownCost {
    draft::PassCost cost;
    bool calibrated = false; ///< Trial passes have nothing to add.
};

/// What the sessions of one model have learnt and hand to those that come after them. Any thread may call any
/// method.
class Learnt {
public:
    /// Nothing yet.
    Learnt() = default;
    /// What the file holds. Throws Error STATE_IO and STATE_MISMATCH.
    Learnt(const CorpusOptions & corpus, const VocabularyId & vocabulary);

    /// What passes cost on so many threads; not measured where no session has had as many.
    KnownCost pass_cost(int threads) const;
    /// One that is calibrated is replaced by none that is not.
    void keep_pass_cost(int threads, const KnownCost & cost);

    draft::Acceptance::LogOddsBias log_odds_bias() const;
    /// Takes over what a generation that began with `before` ended with. Of sessions that learnt the same
    /// kind at the same time the last to end prevails: each bias is already a mean over some fifty outcomes,
    /// and adding them up would overshoot. Kinds that the generation learnt nothing of stay as they are.
    void keep_log_odds_bias(const draft::Acceptance::LogOddsBias & before,
                            const draft::Acceptance::LogOddsBias & after);

    /// The candidates that verification ranked highest.
    draft::Recycling recycling() const;
    /// Takes over those after `tokens`, which a generation has learnt; it may know the others from before
    /// another session learnt them anew.
    void keep_recycling(const draft::Recycling & recycling, std::span<const draft::Token> tokens);

    /// A new session's drafter starts from all of it.
    void seed(draft::Drafter & drafter) const;

    /// The texts of ended sessions, or a null pointer.
    Corpus * corpus() const { return corpus_.get(); }

private:
    std::unique_ptr<Corpus> corpus_;

    mutable std::mutex mutex_;
    std::map<int, KnownCost> cost_by_threads_;
    draft::Acceptance::LogOddsBias log_odds_bias_{};
    draft::Recycling recycling_;
};

} // namespace reprise
