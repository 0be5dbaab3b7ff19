#include "priors/training.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

namespace reprise::priors {

using draft::Evidence;
using draft::Network;

namespace {

constexpr int inputs = Network::inputs, hidden = Network::hidden;
constexpr int batch_size = 256;
/// Adam's first step size.
constexpr float first_step = 4e-3f;
/// How much of a weight its slope gets in addition, so that what the samples leave open stays small.
constexpr float weight_decay = 1e-6f;
/// The share of a kind of turn's weight: its samples to the power of 1 less this.
constexpr float balance_power = 0.4f;
/// Fits are repeatable.
constexpr unsigned seed = 3;

/// Inputs are standardised while a network is fitted. Afterwards the scaling is folded into the weights.
struct Scaling {
    float mean[inputs], scale[inputs];
};

Scaling scaling_of(const std::vector<Sample> & samples) {
    Scaling s;
    for (int i = 0; i < inputs; ++i) {
        double sum = 0, squares = 0;
        for (const Sample & sample : samples) {
            sum += sample.evidence.values[i];
            squares += static_cast<double>(sample.evidence.values[i]) * sample.evidence.values[i];
        }
        const double mean = sum / samples.size(), variance = squares / samples.size() - mean * mean;
        s.mean[i] = static_cast<float>(mean);
        s.scale[i] = variance > 1e-8 ? static_cast<float>(1 / std::sqrt(variance)) : 0;
    }
    return s;
}

/// Folds the scaling into the weights, or takes it out of them where `into` is false.
void fold(Network & network, const Scaling & s, bool into) {
    for (int h = 0; h < hidden; ++h)
        for (int i = 0; i < inputs; ++i) {
            float & weight = network.weights[i][h];
            if (s.scale[i] == 0) {
                weight = 0;
            } else if (into) {
                weight *= s.scale[i];
                network.bias[h] -= weight * s.mean[i];
            } else {
                network.bias[h] += weight * s.mean[i];
                weight /= s.scale[i];
            }
        }
}

void randomise(Network & network, std::mt19937 & random) {
    std::normal_distribution<float> normal;
    for (auto & weights : network.weights)
        for (float & weight : weights) weight = normal(random) * std::sqrt(2.f / inputs);
    for (float & weight : network.output) weight = normal(random) * 0.2f;
    std::fill_n(network.bias, hidden, 0.f);
    network.output_bias = -2;
}

void add_gradient(const Network & network, const Sample & sample, const Scaling & s, Network & gradient) {
    float x[inputs], units[hidden];
    for (int i = 0; i < inputs; ++i) x[i] = (sample.evidence.values[i] - s.mean[i]) * s.scale[i];
    std::copy_n(network.bias, hidden, units);
    for (int i = 0; i < inputs; ++i)
        for (int h = 0; h < hidden; ++h) units[h] += network.weights[i][h] * x[i];
    float z = network.output_bias;
    for (int h = 0; h < hidden; ++h) z += network.output[h] * std::max(units[h], 0.f);
    const float error = sample.weight * (1 / (1 + std::exp(-z)) - static_cast<float>(sample.accepted));
    float back[hidden];
    for (int h = 0; h < hidden; ++h) {
        gradient.output[h] += error * std::max(units[h], 0.f);
        back[h] = units[h] > 0 ? error * network.output[h] : 0;
        gradient.bias[h] += back[h];
    }
    gradient.output_bias += error;
    for (int i = 0; i < inputs; ++i)
        for (int h = 0; h < hidden; ++h) gradient.weights[i][h] += back[h] * x[i];
}

} // namespace

void balance(std::vector<Sample> & samples) {
    std::map<int, size_t> counts;
    for (const Sample & sample : samples) ++counts[sample.kind_of_turn];
    double sum = 0;
    for (Sample & sample : samples) {
        sample.weight = std::pow(static_cast<float>(counts[sample.kind_of_turn]), -balance_power);
        sum += sample.weight;
    }
    for (Sample & sample : samples) sample.weight *= static_cast<float>(samples.size() / sum);
}

double log_loss(const Network & network, const std::vector<Sample> & samples) {
    double sum = 0;
    for (const Sample & sample : samples) {
        float z;
        network.log_odds({&sample.evidence, 1}, &z);
        sum += std::log1p(std::exp(sample.accepted ? -z : z));
    }
    return sum / samples.size();
}

void fit(Network & network, std::vector<Sample> & samples, int epochs, bool fresh) {
    std::mt19937 random(seed);
    const Scaling scaling = scaling_of(samples);
    if (fresh)
        randomise(network, random);
    else
        fold(network, scaling, false);
    float * const parameters = &network.weights[0][0];
    std::vector<float> mean(parameter_count), square(parameter_count);
    const size_t batches = samples.size() / batch_size;
    size_t step = 0;
    for (int epoch = 0; epoch < epochs; ++epoch) {
        std::shuffle(samples.begin(), samples.end(), random);
        for (size_t batch = 0; batch < batches; ++batch) {
            Network gradient{};
            for (int i = 0; i < batch_size; ++i)
                add_gradient(network, samples[batch * batch_size + i], scaling, gradient);
            const float * const slopes = &gradient.weights[0][0];
            ++step;
            const float rate = first_step * (1 - static_cast<float>(step) / (epochs * batches + 1));
            const float unbias = 1 - std::pow(0.9f, step), unbias_square = 1 - std::pow(0.999f, step);
            for (int k = 0; k < parameter_count; ++k) {
                const float slope = slopes[k] / batch_size + weight_decay * parameters[k];
                mean[k] = 0.9f * mean[k] + 0.1f * slope;
                square[k] = 0.999f * square[k] + 0.001f * slope * slope;
                parameters[k] -= rate * (mean[k] / unbias) / (std::sqrt(square[k] / unbias_square) + 1e-8f);
            }
        }
    }
    fold(network, scaling, true);
}

Fit fit_priors(const std::vector<Conversation> & conversations, int first_epochs, int epochs) {
    Fit result{std::make_unique<Network>(), samples_anywhere(conversations)};
    fit(*result.network, result.samples, first_epochs, true);
    result.samples = samples_where_passes_start(conversations, *result.network);
    balance(result.samples);
    fit(*result.network, result.samples, epochs, false);
    return result;
}

} // namespace reprise::priors
