#include "engine/log_probabilities.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace reprise {

namespace {

constexpr float lowest = -std::numeric_limits<float>::infinity();

/// The logarithm of the sum of all exponentials.
double log_sum_of(const float * logits, int count, float highest) {
    // Independent sums, so that the compiler need not add one after another.
    constexpr int lanes = 8;
    double sums[lanes] = {};
    for (int i = 0; i < count; ++i)
        if (logits[i] > lowest) sums[i % lanes] += std::exp(logits[i] - highest);
    double sum = 0;
    for (const double one : sums) sum += one;
    return highest + std::log(sum);
}

bool is_better(const TokenLogProbability & one, const TokenLogProbability & other) {
    return one.logprob > other.logprob || (one.logprob == other.logprob && one.token < other.token);
}

/// The highest logits, in the place of their probabilities.
std::vector<TokenLogProbability> highest_of(const float * logits, int count, size_t top_count) {
    std::vector<TokenLogProbability> top;
    top.reserve(top_count + 1);
    for (draft::Token token = 0; token < count; ++token) {
        const TokenLogProbability one{token, logits[token]};
        if (!(one.logprob > lowest)) continue;
        if (top.size() == top_count && (top.empty() || !is_better(one, top.back()))) continue;
        top.insert(std::upper_bound(top.begin(), top.end(), one, is_better), one);
        if (top.size() > top_count) top.pop_back();
    }
    return top;
}

} // namespace

LogProbabilities log_probabilities(const float * logits, int vocabulary_size, draft::Token chosen,
                                   int top_count) {
    float highest = lowest;
    for (int i = 0; i < vocabulary_size; ++i) highest = logits[i] > highest ? logits[i] : highest;
    const double log_sum = log_sum_of(logits, vocabulary_size, highest);
    const auto logprob = [&](float logit) {
        return logit > lowest ? static_cast<float>(logit - log_sum) : lowest;
    };
    LogProbabilities result{logprob(logits[chosen]),
                            highest_of(logits, vocabulary_size, static_cast<size_t>(std::max(top_count, 0)))};
    for (TokenLogProbability & one : result.top) one.logprob = logprob(one.logprob);
    return result;
}

} // namespace reprise
