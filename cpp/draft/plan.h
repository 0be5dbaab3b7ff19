#pragma once

#include <span>

#include "draft/drafter.h"
#include "draft/pass_cost.h"

namespace reprise::draft {

/// Grows the trees of all members of one verify pass, each already begun: one best-first order over all of
/// them. Best-first is optimal for any number of nodes, since a node is never more probable than its parent.
/// A node is taken if its path probability exceeds what its time is worth: the milliseconds that one more row
/// adds, at the greater of two rates of tokens per millisecond, this pass's so far and the members' recent
/// past.
///
/// `depth` is the context's length, `row_budget` the most rows of the pass, the members' root rows and
/// `other_rows` (prefill) included. `fixed` takes nodes up to each member's limit whatever they are worth.
void plan_pass(std::span<Drafter * const> members, const PassCost & cost, int depth, int row_budget,
               bool fixed = false, int other_rows = 0);

} // namespace reprise::draft
