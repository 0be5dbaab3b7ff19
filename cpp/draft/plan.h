#pragma once

#include <span>

#include "draft/drafter.h"
#include "draft/pass_cost.h"

namespace reprise::draft {

/// What the time of a pass of these members is worth: their long-run rate, or that of a pass without drafts
/// where they have had none.
TimeWorth time_worth(std::span<Drafter * const> members, const PassCost & cost, int depth,
                     int other_rows = 0);

/// Grows the trees of all members of one verify pass, each of which has begun its own. The best node of all
/// trees is taken first, which is optimal for any number of nodes, since a node is never more probable than
/// its parent.
///
/// A node is taken if its path probability exceeds what its time is worth: the milliseconds that one more row
/// adds, times the greater of two rates of tokens per millisecond, this pass's so far and the members' of
/// late. What draft models take is time of the pass. `fixed` takes nodes up to each member's limit whatever
/// they are worth.
///
/// `depth` is the context's length. `row_budget` is how many rows the pass may have at most; the members'
/// root rows and `other_rows`, which are computed beside the trees, count too.
void plan_pass(std::span<Drafter * const> members, const PassCost & cost, int depth, int row_budget,
               bool fixed = false, int other_rows = 0);

} // namespace reprise::draft
