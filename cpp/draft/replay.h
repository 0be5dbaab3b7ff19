#pragma once

#include <span>

#include "draft/drafter.h"
#include "draft/pass_cost.h"

namespace reprise::draft {

struct ReplayStep {
    int drafted = 0;
    int accepted = 0;  ///< Draft tokens; the pass commits one more.
    double micros = 0; ///< Of drafting.
};

/// One verify pass against recorded tokens: drafts for the present end of the conversation, accepts what
/// agrees with `truth` from `offset` on, learns, and commits the accepted tokens and one more. `cost` is a
/// fixed one. `offset` lies within `truth`.
ReplayStep replay_step(Drafter & drafter, std::span<const Token> truth, size_t offset, const PassCost & cost);

/// Drafts `nodes` nodes, whatever they are worth, or as many as there are, and
/// returns the microseconds that it took.
double draft_fixed(Drafter & drafter, int nodes);

} // namespace reprise::draft
