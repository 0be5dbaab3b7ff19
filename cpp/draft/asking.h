#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "draft/calibration_bucket.h"
#include "draft/draft_model.h"
#include "draft/token.h"

namespace reprise::draft {

/// What a pass's time is worth to the trees that grow for it.
struct TimeWorth {
    double tokens_per_millisecond = 0; ///< of all members together
    double row_milliseconds = 0;       ///< what one row more takes
    double goes_on = 0;                ///< how likely a path that is right goes on with a token that is right
};

/// Decides at which nodes of a growing tree its draft model is asked, and remembers what it said.
///
/// Be p a node's path probability, s that of its other continuations together, b that of the best of them,
/// and f how often the model's best candidate is right where none of them is. With what the model says, the
/// node's best child has the path probability p · (s + (1 - s) · f), without p · b. A path that has come so
/// far is worth that, less a row, and what may follow: each further token that is worth more than a row and
/// asking. Asking pays where it adds more to that value than it takes (docs/drafting.md has the formulas).
///
/// Inside a long copy it is not asked, so afterwards it has to catch up with what was copied, or at first
/// with the whole prompt. No single node may be worth that. So what nodes would have gained but for it is
/// added up, until it is a part of what catching up costs (ski rental: Karlin et al. 1988).
class Asking {
public:
    /// A tree begins to grow after `text`. `model` may be a null pointer. Where not `is_timed`, whom it asks
    /// depends on probabilities alone.
    void begin(DraftModel * model, std::span<const Token> text, const TimeWorth & worth, bool is_timed);
    /// What other continuations of a node claim.
    struct Claims {
        double all = 0;  ///< the probability of all together
        double best = 0; ///< and that of the best one
    };

    /// Nothing is asked any more in this pass.
    void stop() { model_ = nullptr; }
    bool may_ask() const { return model_ != nullptr; }
    void set_goes_on(double p) { worth_.goes_on = p; }
    /// The pass goes faster than it was taken to, so that its time is worth more.
    void value_time(double tokens_per_millisecond) {
        worth_.tokens_per_millisecond = std::max(worth_.tokens_per_millisecond, tokens_per_millisecond);
    }

    /// Whether asking at a node pays. `path` gives the tokens from the root to it.
    template <typename Path>
    bool pays(double path_probability, const Claims & claims, double found, Path path) {
        if (!model_) return false;
        const double gain = net_gain(path_probability, claims, found);
        return gain > 0 && pays_after(gain, path());
    }
    /// Asks at the node (-1: the root) whose path `pays` was given last. `found` is the bucket that learns
    /// whether its best candidate is right.
    void ask(int node, CalibrationBucket found);

    /// What the model said at the last node that it was asked at.
    std::span<const DraftModel::Candidate> candidates() const { return candidates_; }
    /// How probable it holds its best candidate there.
    double best_confidence() const { return candidates_.empty() ? 0 : candidates_.front().probability; }
    /// How probable it holds the token, where that is among its candidates.
    std::optional<double> confidence(Token token) const;

    /// The milliseconds that asking takes in this pass.
    double milliseconds() const { return milliseconds_; }
    struct Asked {
        int node;
        Token best; ///< Its best candidate.
        CalibrationBucket found;
    };
    /// Where it was asked in this pass and could say something.
    std::span<const Asked> asked() const { return asked_; }

private:
    /// The tokens that asking adds, less what its time is worth where the model has nothing to catch up with.
    double net_gain(double path_probability, const Claims & claims, double found) const;
    bool pays_after(double gain, std::span<const Token> path);

    DraftModel * model_ = nullptr; ///< It is not owned.
    TimeWorth worth_;
    bool is_timed_ = true;
    bool has_begun_ = false; ///< The model knows the text.
    std::span<const Token> text_;
    std::span<const Token> path_;
    std::span<const DraftModel::Candidate> candidates_;
    std::vector<Asked> asked_;
    double next_milliseconds_ = 0; ///< What asking after `path_` takes.
    double milliseconds_ = 0;
    int passes_without_ = 0;  ///< So many passes it was not asked in, this one included.
    double missed_ = 0;       ///< The tokens that asking would have gained but for catching up.
    bool has_missed_ = false; ///< Some of them in this pass.
};

} // namespace reprise::draft
