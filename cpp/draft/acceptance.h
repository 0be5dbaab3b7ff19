#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "draft/evidence.h"
#include "draft/recycling.h"
#include "draft/source.h"
#include "draft/token.h"

namespace reprise::draft {

/// A network of one hidden layer: its weights are the priors that ship
/// (`priors_data.h`, fitted by scripts/priors).
struct alignas(64) Network {
    static constexpr int inputs = Evidence::feature_count;
    static constexpr int hidden = 48;
    float weights[inputs][hidden];
    float bias[hidden];
    float output[hidden];
    float output_bias;

    /// The priors that ship.
    static const Network & shipped();

    /// Log-odds of the options of one node. What the node has in common is looked at once.
    void log_odds(std::span<const Evidence> options, float * results) const;
};

/// Probability that a draft token is accepted, given that its parent was: a prior from its evidence, shifted
/// online, for each kind of evidence, towards what the model at hand accepts. The shift follows the gradient
/// of the log loss and fades, so that old outcomes count less.
class Acceptance {
public:
    static constexpr int recycled_kinds = Recycling::kind_count;
    /// Match lengths 0, 1, 2, 3-6, 7-16 and more.
    static constexpr int length_kinds = 6;
    /// Kinds: match lengths in the conversation, the same in each sort of
    /// document, then candidates of `Recycling` by their own kinds. Documents are
    /// apart since how much of them is said again differs from user to user.
    static constexpr int kind_count = 4 * length_kinds + recycled_kinds;

    /// What was learnt online: log-odds by kind.
    using LogOddsBias = std::array<float, kind_count>;

    explicit Acceptance(const Network & prior) : prior_(&prior) {}

    /// `length`: of the longest match among the places that go on with the token.
    static int kind_of(int length, Source source) {
        const int of_length = length >= 17 ? 5 : length >= 7 ? 4 : std::clamp(length, 0, 3);
        const int document = std::max(0, static_cast<int>(source) - static_cast<int>(Source::output));
        return document * length_kinds + of_length;
    }
    static int kind_of_recycled(int kind) { return 4 * length_kinds + kind; }
    const Network & prior() const { return *prior_; }
    /// Of what the prior gives these log-odds.
    double probability(float log_odds, int kind) const;
    /// Of a candidate of `Recycling`, where no place speaks for it.
    double recycled(int kind) const;
    /// The outcome for a token of a kind that was given a probability.
    void learn(int kind, double probability, bool accepted);

    const LogOddsBias & log_odds_bias() const { return bias_; }
    void start_from(const LogOddsBias & bias) { bias_ = bias; }

private:
    const Network * prior_;
    LogOddsBias bias_{};
};

} // namespace reprise::draft
