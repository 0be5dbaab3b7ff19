#pragma once

#include <vector>

#include "draft/acceptance.h"
#include "priors/conversations.h"

namespace reprise::priors {

/// What a drafter knew of a token that the model could have said, and whether the model said it.
struct Sample {
    draft::Evidence evidence;
    bool accepted;
    int kind_of_turn; ///< The number of the data set and of the turn, in one.
    float weight = 1;
};

/// Evidence at every second token of the answers: what can be fitted to before there is a network that says
/// where passes start.
std::vector<Sample> samples_anywhere(const std::vector<Conversation> & conversations);

/// Evidence where the passes of a drafter with this network start: at three costs of a row, and at the middle
/// one also with all earlier conversations of the data set to draw on.
std::vector<Sample> samples_where_passes_start(const std::vector<Conversation> & conversations,
                                               const draft::Network & network);

} // namespace reprise::priors
