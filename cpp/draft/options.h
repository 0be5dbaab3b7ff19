#pragma once

#include "evidence.h"
#include "token.h"
#include "transcript.h"

#include <vector>

namespace reprise::draft {

/// A child that a node of the draft tree could have.
struct Option {
    Token token;
    Source source;
    Evidence evidence;
    uint32_t first, count; ///< Its places.
};

/// Groups the places of a node at `depth` (0: the root) by the token they go on
/// with, and gathers the evidence for each. `places` are the last `count` of
/// the vector; the places that go on are appended to it, group by group. `last`
/// is the node's token.
void group_options(const Transcript & transcript, int depth, Token last, uint32_t first, uint32_t count,
                   std::vector<Place> & places, std::vector<Option> & options);

/// Adds the conversation's most frequent tokens, for which no place speaks.
void add_frequent_options(const Transcript & transcript, int depth, Token last, double best_probability,
                          std::vector<Option> & options);

} // namespace reprise::draft
