#pragma once

#include <span>
#include <vector>

#include "draft/evidence.h"
#include "draft/place_groups.h"
#include "draft/source.h"
#include "draft/token.h"
#include "draft/transcript.h"

namespace reprise::draft {

/// A child that a node of the draft tree could have.
struct Option {
    Token token;
    Source source;
    uint8_t kind;                  ///< Of its evidence, for `Acceptance`.
    const Experience::Fate * fate; ///< The token's, until the next token is appended.
    uint32_t first = 0, count = 0; ///< Its places, among the indices.
};

/// The options of one node, and the evidence for each.
struct Options {
    std::vector<Option> list;
    std::vector<Evidence> evidence;

    size_t size() const { return list.size(); }
    void clear() {
        list.clear();
        evidence.clear();
    }
};

/// Adds the tokens that a node's places go on with. `depth` is the node's (0: the
/// root), `fate` that of its token.
void add_place_options(const Transcript & transcript, int depth, const Experience::Fate & fate,
                       std::span<const Place> places, const PlaceGroups & groups, Options & options);

/// Adds the conversation's most frequent tokens, for which no place speaks, to the root's
/// options. `last` is the root's token.
void add_frequent_options(const Transcript & transcript, Token last, const Experience::Fate & fate,
                          double best_probability, Options & options);

} // namespace reprise::draft
