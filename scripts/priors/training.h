#pragma once

#include <vector>

#include "draft/acceptance.h"

namespace reprise::priors {

struct Sample {
    draft::Evidence evidence;
    bool accepted;
    int kind_of_turn; ///< Data set and turn.
    float weight = 1;
};

/// Weights the samples so that kinds of turn with many do not drown those with few: a kind's share of the
/// weight goes with the 0.6th power of its number of samples.
void balance(std::vector<Sample> & samples);

double log_loss(const draft::Network & network, const std::vector<Sample> & samples);

/// Minimises the log loss: Adam (Kingma and Ba 2015, arXiv 1412.6980), batches of 256, a step size that
/// falls linearly to 0. Shuffles the samples. `fresh` starts from random weights.
void fit(draft::Network & network, std::vector<Sample> & samples, int epochs, bool fresh);

} // namespace reprise::priors
