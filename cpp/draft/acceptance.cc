#include "draft/acceptance.h"

#include <algorithm>
#include <cmath>

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

constexpr float learning_rate = 0.1f;
constexpr float decay = 0.999f;
constexpr float max_bias = 2;
constexpr float least = 0.0005f, most = 0.9995f;
/// Log-odds of candidates of `Recycling` by kind, where no place speaks for them: 5, 12, 21, 50 and 80 %,
/// between what four small models did. What the model at hand does with them is learnt online.
constexpr std::array<float, Recycling::kind_count> recycled_prior{-2.9f, -2.f, -1.3f, 0.f, 1.4f};

float sigmoid(float x) {
    return 1 / (1 + std::exp(-x));
}

} // namespace

const Network & Network::shipped() {
    return shipped_network;
}

/// Most nodes have one option, whose sums wait for each other: several shorter ones wait less.
REPRISE_VECTORISED void Network::log_odds(std::span<const Evidence> options, float * results) const {
    constexpr int own = Evidence::first_of_node;
    float common[hidden];
    std::copy_n(bias, hidden, common);
    for (int i = own; i < inputs; ++i)
        for (int h = 0; h < hidden; ++h) common[h] += weights[i][h] * options.front().values[i];
    for (const Evidence & evidence : options) {
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

double Acceptance::probability(float log_odds, int kind) const {
    return std::clamp(sigmoid(log_odds + bias_[kind]), least, most);
}

double Acceptance::recycled(int kind) const {
    return sigmoid(recycled_prior[kind] + bias_[kind_of_recycled(kind)]);
}

void Acceptance::learn(int kind, double probability, bool accepted) {
    float & bias = bias_[kind];
    bias = bias * decay + learning_rate * static_cast<float>((accepted ? 1 : 0) - probability);
    bias = std::clamp(bias, -max_bias, max_bias);
}

} // namespace reprise::draft
