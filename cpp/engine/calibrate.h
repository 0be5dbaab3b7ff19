#pragma once

#include <map>

#include "draft/pass_cost.h"
#include "engine/context.h"

namespace reprise {

/// Times passes of a few sizes on an empty cache, in well under a second, so that the first tree is already
/// sized by cost. It also shows whether the model can be computed at all: throws Error MODEL_INVALID where it
/// cannot. False when it was stopped before anything was timed.
bool calibrate(Context & context, draft::PassCost & cost);

/// The milliseconds by rows that smaller passes would take to compute `rows` together, at the best of them;
/// infinite where there is no smaller one. A pass that takes much longer was disturbed.
double milliseconds_in_parts(const std::map<int, double> & times, int rows);

} // namespace reprise
