#include "draft/acceptance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "draft/priors_data.h"

/// Built for several levels of the instruction set, the best of which is taken when the program starts.
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__) && __GNUC__ >= 12 &&                \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define REPRISE_VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define REPRISE_VECTORISED
#endif

namespace reprise::draft {

namespace {

/// How far an outcome moves a bucket's bias, and the share of the bias that it leaves. On recorded answers,
/// which the network was fitted to, rates from 0.03 to 0.2 and shares from 0.99 to 0.9999 give the same
/// speed-up to 0.05 %; the bias is for models and texts that it was not fitted to.
constexpr float learning_rate = 0.1f;
constexpr float decay = 0.999f;
/// A bias moves the odds by a factor of 7.4 at most, so that no streak of outcomes switches a bucket off for
/// good.
constexpr float max_bias = 2;
/// Forced tokens teach whether or not they are drafted, so their buckets come back by themselves.
constexpr float max_forced_bias = 6;
/// No network knows more surely than one outcome in two thousand.
constexpr float min_probability = 0.0005f, max_probability = 0.9995f;
/// Log-odds of candidates of `Recycling` for which no occurrence speaks: 5, 12, 21, 50 and 80 %, between what
/// four small models did. What the model at hand does with them is learnt online.
constexpr std::array recycled_prior{-2.9f, -2.f, -1.3f, 0.f, 1.4f};
static_assert(std::size(recycled_prior) == share_bucket_count);

/// Log-odds of tokens that a grammar forces: 98, 82 and 62 %. How the model at hand cuts such a text into
/// tokens is learnt online.
constexpr std::array forced_prior{4.f, 1.5f, 0.5f};
static_assert(std::size(forced_prior) == forced_bucket_count);

/// Where a draft model was asked, a part of the log-odds that occurrences give a token is left, and something
/// is added: where the token is among the model's candidates, by how probable it holds it; where it is not,
/// by how probable it holds its best candidate. All this is fitted to what two small models said, where a
/// still smaller one drafted: what it was sure of they said, whatever was claimed; where it was not, it was
/// no argument against a copy.
constexpr float weight_of_occurrences = 0.3f;
constexpr std::array agreed_prior{-2.5f, -1.6f, -0.6f, -0.3f, 0.2f, 1.f, 1.8f, 2.2f, 2.6f, 3.8f};
static_assert(std::size(agreed_prior) == confidence_bucket_count);
struct Contradiction {
    float weight; ///< of the log-odds that occurrences give
    float added;
};
constexpr std::array<Contradiction, confidence_bucket_count> contradicted_prior{{{1, -2},
                                                                                 {1, -2},
                                                                                 {1, -1.5f},
                                                                                 {1, -1},
                                                                                 {1.1f, 0},
                                                                                 {1.2f, 0.4f},
                                                                                 {1.2f, 0},
                                                                                 {1, -0.5f},
                                                                                 {0.8f, -0.8f},
                                                                                 {0.5f, -3.5f}}};
/// The log-odds of a token that it alone speaks for, by those that it gives it.
constexpr float weight_of_model_alone = 0.9f, proposed_offset = -0.3f;
/// Log-odds that its best candidate is right, by how probable the token before was and where nobody knows: 38
/// % after one of less than even odds, 95 % after one that was certain.
constexpr std::array found_prior{-0.3f, -0.3f, -0.4f, -0.4f, -0.5f, -0.6f, -0.4f, 0.7f, 2.f, 3.f, 0.f};
static_assert(std::size(found_prior) == confidence_bucket_count + 1);

float sigmoid(float x) {
    return 1 / (1 + std::exp(-x));
}

float log_odds_of(double probability) {
    const auto p = std::clamp(static_cast<float>(probability), min_probability, max_probability);
    return std::log(p / (1 - p));
}

} // namespace

const Network & Network::shipped() {
    return shipped_network;
}

/// Most nodes have one continuation. Each step of a long sum waits for the one before, so several shorter
/// sums take less time.
REPRISE_VECTORISED void Network::log_odds(std::span<const Evidence> continuations, float * results) const {
    constexpr int own = Evidence::first_of_node;
    float common[hidden];
    std::copy_n(bias, hidden, common);
    for (int i = own; i < inputs; ++i)
        for (int h = 0; h < hidden; ++h) common[h] += weights[i][h] * continuations.front().values[i];
    for (const Evidence & evidence : continuations) {
        float one[hidden] = {}, other[hidden] = {};
        for (int i = 0; i < own / 2; ++i)
            for (int h = 0; h < hidden; ++h) one[h] += weights[i][h] * evidence.values[i];
        for (int i = own / 2; i < own; ++i)
            for (int h = 0; h < hidden; ++h) other[h] += weights[i][h] * evidence.values[i];
        float sums[8] = {};
        for (int h = 0; h < hidden; h += 8)
            for (int k = 0; k < 8; ++k)
                sums[k] += output[h + k] * std::max(common[h + k] + (one[h + k] + other[h + k]), 0.f);
        for (int count = 4; count > 0; count /= 2)
            for (int k = 0; k < count; ++k) sums[k] += sums[k + count];
        *results++ = output_bias + sums[0];
    }
}

double Acceptance::probability(float log_odds, CalibrationBucket bucket) const {
    return std::clamp(sigmoid(log_odds + bias_[static_cast<size_t>(bucket)]), min_probability,
                      max_probability);
}

double Acceptance::recycled(ShareBucket share) const {
    const auto bucket = static_cast<size_t>(calibration_bucket(share));
    return sigmoid(recycled_prior[static_cast<size_t>(share)] + bias_[bucket]);
}

double Acceptance::forced(Guide::Kind kind) const {
    const auto bucket = static_cast<size_t>(calibration_bucket(kind));
    return sigmoid(forced_prior[static_cast<size_t>(kind)] + bias_[bucket]);
}

double Acceptance::agreed(double accepted, double confidence) const {
    const ConfidenceBucket bucket = confidence_bucket(confidence);
    return sigmoid(weight_of_occurrences * log_odds_of(accepted) + agreed_prior[static_cast<size_t>(bucket)] +
                   bias_[static_cast<size_t>(agreed_bucket(bucket))]);
}

double Acceptance::contradicted(double accepted, double best) const {
    const ConfidenceBucket bucket = confidence_bucket(best);
    const auto [weight, added] = contradicted_prior[static_cast<size_t>(bucket)];
    return sigmoid(weight * log_odds_of(accepted) + added +
                   bias_[static_cast<size_t>(contradicted_bucket(bucket))]);
}

double Acceptance::proposed(double confidence) const {
    const auto bucket = static_cast<size_t>(proposed_bucket(confidence_bucket(confidence)));
    return sigmoid(weight_of_model_alone * log_odds_of(confidence) + proposed_offset + bias_[bucket]);
}

double Acceptance::found(CalibrationBucket bucket) const {
    const auto number = static_cast<size_t>(bucket);
    return sigmoid(found_prior[number - first_found_bucket] + bias_[number]);
}

void Acceptance::learn(CalibrationBucket bucket, double probability, bool accepted) {
    float & bias = bias_[static_cast<size_t>(bucket)];
    bias = bias * decay + learning_rate * static_cast<float>((accepted ? 1 : 0) - probability);
    const auto number = static_cast<size_t>(bucket);
    const bool is_forced = number >= first_forced_bucket && number < first_agreed_bucket;
    const float most = is_forced ? max_forced_bias : max_bias;
    bias = std::clamp(bias, -most, most);
}

} // namespace reprise::draft
