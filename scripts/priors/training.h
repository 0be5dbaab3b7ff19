#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "draft/acceptance.h"
#include "priors/samples.h"

namespace reprise::priors {

/// How many numbers a network has. They lie one after another, from its first weight to its output's bias.
inline constexpr int parameter_count = (draft::Network::inputs + 2) * draft::Network::hidden + 1;
static_assert(offsetof(draft::Network, output_bias) == (parameter_count - 1) * sizeof(float));

/// Weights the samples so that kinds of turn with many do not drown those with few: a kind's share of the
/// weight grows with the 0.6th power of its number of samples.
void balance(std::vector<Sample> & samples);

/// The mean log loss of what the network says of the samples, each counting the same.
double log_loss(const draft::Network & network, const std::vector<Sample> & samples);

/// Minimises the log loss: Adam (Kingma and Ba 2015, arXiv 1412.6980), batches of 256, a step size that falls
/// linearly to 0. What is left over after the last whole batch of an epoch waits for the next. Shuffles the
/// samples. `fresh` starts from random weights.
void fit(draft::Network & network, std::vector<Sample> & samples, int epochs, bool fresh);

/// A network, and the samples that it was fitted to last.
struct Fit {
    std::unique_ptr<draft::Network> network;
    std::vector<Sample> samples;
};

/// Fits a network to recorded conversations in two rounds: first to evidence from anywhere, then to evidence
/// from where the passes of a drafter with the first round's network start.
Fit fit_priors(const std::vector<Conversation> & conversations, int first_epochs = 2, int epochs = 16);

} // namespace reprise::priors
