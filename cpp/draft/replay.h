#pragma once

#include <span>

#include "draft/drafter.h"
#include "draft/pass_cost.h"

namespace reprise::draft {

struct ReplayStep {
    int drafted = 0;
    int accepted = 0;               ///< How many draft tokens were accepted; the pass commits one token more.
    double micros = 0;              ///< How long drafting took, in microseconds.
    int asked = 0;                  ///< How often a draft model was asked,
    double asking_milliseconds = 0; ///< and what it says that this takes.
};

/// Does what one verify pass does, with recorded tokens in place of a model: drafts for what follows the last
/// token, accepts what agrees with `truth` from `offset` on, learns, and commits the accepted tokens and one
/// more. `cost` is a fixed one. `offset` lies within `truth`. Where there is a draft `model`, `mix` says
/// whose tokens the tree holds.
ReplayStep replay_step(Drafter & drafter, std::span<const Token> truth, size_t offset, const PassCost & cost,
                       DraftModel * model = nullptr, Mix mix = Mix::tree);

/// Drafts `nodes` nodes, whatever they are worth, or as many as there are. Returns how many microseconds it
/// took.
double draft_fixed(Drafter & drafter, int nodes);

} // namespace reprise::draft
