#pragma once

#include "draft/acceptance.h"

#include <vector>

namespace reprise::priors {

struct Sample {
    draft::Evidence evidence;
    bool accepted;
};

double log_loss(const draft::Network & network, const std::vector<Sample> & samples);

/// Minimises the log loss: Adam (Kingma and Ba 2015, arXiv 1412.6980), batches of 256, a step size that
/// falls linearly to 0. Shuffles the samples. `fresh` starts from random weights.
void fit(draft::Network & network, std::vector<Sample> & samples, int epochs, bool fresh);

} // namespace reprise::priors
