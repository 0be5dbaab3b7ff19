#pragma once

#include <cmath>
#include <cstdint>

#include "device/host_device.h"
#include "device/noise.h"
#include "device/ranked.h"
#include "device/row_scan.h"

// The sieve: which tokens of a row can be the best or the second best of a draw by the Gumbel-max trick. It
// adds approximate noise in single precision, and keeps all tokens so near to the second best that the error
// may have changed their order. Whoever draws from those alone with GumbelMax gets its token and its margin.
namespace reprise::device {

/// How a row is sieved.
struct SieveRule {
    bool is_usable;    ///< Else the row is to be drawn from whole.
    uint64_t key;      ///< of the noise
    float temperature; ///< above 0
    /// Scores are differences to this logit, the second highest of the row, so that they are small, and exact
    /// enough, for all tokens that have a chance.
    float reference;
    float cut;   ///< A lower logit is left out by min-p.
    float slack; ///< A token that is lower than the second best by more cannot be as good in truth.
    float floor; ///< The second best is surely not lower.
};

/// `best` are the row's.
///
/// Let ε = 2⁻²³. A score is the reference's distance over the temperature plus noise. A token further below
/// than 45 has no chance, since the noise lies between -3.7 and 36.8, and its score stays below the floor.
/// Within 45 the subtraction and the division are wrong by 45 ε together, 5.4e-6; the noise by 1e-5; their
/// sum, which is below 82, by 3.8e-6. So two scores differ from the true ones by less than 4e-5 together.
/// GumbelMax itself rounds the whole logit over the temperature: that is the second term of the slack. One
/// token, the highest, may be further above than 45; it is the best then, however wrong its score is.
REPRISE_HOST_DEVICE inline SieveRule sieve_rule(const RowRequest & request, const Best & best) {
    SieveRule rule;
    rule.key = request.key;
    rule.temperature = request.temperature;
    const float highest = best.at[0].logit;
    rule.reference = best.at[1].logit > lowest ? best.at[1].logit : highest;
    // The same sum as that of llama.cpp's min-p, so the same tokens are cut.
    rule.cut = highest + request.log_min_p;
    rule.slack = 2e-4f + fabsf(rule.reference / request.temperature) * 0x1p-50f;
    rule.floor = min_noise - 0.3f - rule.slack;
    rule.is_usable = highest > lowest && highest < -lowest && request.temperature > 0 && rule.slack <= 1;
    return rule;
}

/// A token's score, or -infinity where it has no chance.
REPRISE_HOST_DEVICE inline float sieve_score(const SieveRule & rule, draft::Token token, float logit) {
    if (!(logit > lowest) || logit < rule.cut) return lowest;
    const float distance = (logit - rule.reference) / rule.temperature;
    if (distance + (max_noise + 1) < rule.floor) return lowest;
    const float score = distance + approximate_noise(noise_bits(rule.key, token));
    return score < rule.floor ? lowest : score;
}

/// The two best scores.
struct TwoBest {
    float best;
    float second;
};

REPRISE_HOST_DEVICE inline void insert(TwoBest & two, float score) {
    if (score > two.best) {
        two.second = two.best;
        two.best = score;
    } else if (score > two.second) {
        two.second = score;
    }
}
REPRISE_HOST_DEVICE inline void merge(TwoBest & two, const TwoBest & other) {
    insert(two, other.best);
    insert(two, other.second);
}

/// Whether the sieve keeps a token, where these are the best scores of the tokens that it is compared with.
REPRISE_HOST_DEVICE inline bool is_kept(const SieveRule & rule, float score, const TwoBest & two) {
    return score > lowest && score >= two.second - rule.slack;
}

/// Whether the errors of scores cannot have changed which token is the best.
REPRISE_HOST_DEVICE inline bool is_clear(const SieveRule & rule, const TwoBest & two) {
    return two.best - two.second > rule.slack;
}

} // namespace reprise::device
