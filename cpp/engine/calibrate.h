#pragma once

#include "draft/pass_cost.h"
#include "engine/context.h"

namespace reprise {

/// Times passes of a few sizes on an empty cache, in well under a second, so that the first tree is
/// already sized by cost. False when it was stopped before anything was timed.
bool calibrate(Context & context, draft::PassCost & cost);

} // namespace reprise
