#pragma once

#include <array>
#include <span>

#include "draft/calibration_bucket.h"
#include "draft/evidence.h"

namespace reprise::draft {

/// A network of one hidden layer that says from the evidence how likely a draft token is to be accepted. Its
/// weights are the priors that ship (`priors_data.h`), fitted by scripts/priors.
struct alignas(64) Network {
    static constexpr int inputs = Evidence::feature_count;
    static constexpr int hidden = 48;
    float weights[inputs][hidden];
    float bias[hidden];
    float output[hidden];
    float output_bias;

    /// The priors that ship.
    static const Network & shipped();

    /// Writes the log-odds of one node's continuations to `results`. What these have in common is looked at
    /// once.
    void log_odds(std::span<const Evidence> continuations, float * results) const;
};

/// The probability that a draft token is accepted, given that its parent was: a prior from its evidence,
/// corrected online, bucket by bucket, towards what the model at hand accepts. A bucket's correction is a
/// bias of the log-odds. It follows the gradient of the log loss and decays, so that old outcomes count less.
class Acceptance {
public:
    /// What was learnt online: a bias of the log-odds for each bucket.
    using LogOddsBias = std::array<float, calibration_bucket_count>;

    explicit Acceptance(const Network & prior) : prior_(&prior) {}

    const Network & prior() const { return *prior_; }
    /// The probability of a token of this bucket to which the prior gives `log_odds`.
    double probability(float log_odds, CalibrationBucket bucket) const;
    /// The probability of a candidate of `Recycling` for which no occurrence speaks.
    double recycled(ShareBucket share) const;
    /// The probability of a token that a `Guide` forces.
    double forced(Guide::Kind kind) const;
    /// The probability of a token to which the occurrences give `accepted`, and a draft model `confidence`.
    double agreed(double accepted, double confidence) const;
    /// The same of one that is not among the model's candidates, of which it gives the best `best`.
    double contradicted(double accepted, double best) const;
    /// The probability of a token that a draft model alone speaks for, of what the other continuations leave.
    double proposed(double confidence) const;
    /// The probability that a draft model's best candidate is right where no occurrence is.
    double found(CalibrationBucket bucket) const;
    /// Learns whether a token of the bucket, which was given `probability`, was accepted.
    void learn(CalibrationBucket bucket, double probability, bool accepted);

    const LogOddsBias & log_odds_bias() const { return bias_; }
    void start_from(const LogOddsBias & bias) { bias_ = bias; }

private:
    const Network * prior_;
    LogOddsBias bias_{};
};

} // namespace reprise::draft
