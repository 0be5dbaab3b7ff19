#pragma once

#include <span>
#include <vector>

#include "draft/calibration_bucket.h"
#include "draft/draft_text.h"
#include "draft/evidence.h"
#include "draft/occurrence_groups.h"
#include "draft/source.h"
#include "draft/token.h"

namespace reprise::draft {

/// A child that a node of the draft tree could have.
struct Continuation {
    Token token;
    Source source;
    CalibrationBucket bucket;             ///< The bucket that its probability is corrected by.
    const MatchStats::TokenStats * stats; ///< The token's stats, valid until the next token is appended.
    uint32_t first = 0, count = 0; ///< Its occurrences are `indices[first]` … `indices[first + count - 1]`.
};

/// The continuations of one node, and the evidence for each.
struct Continuations {
    std::vector<Continuation> list;
    std::vector<Evidence> evidence;

    size_t size() const { return list.size(); }
    void clear() {
        list.clear();
        evidence.clear();
    }
};

/// Adds the tokens that a node's occurrences go on with. `depth` is the node's (0: the root), `stats` are
/// those of its token.
void add_continuations(const DraftText & text, int depth, const MatchStats::TokenStats & stats,
                       std::span<const Occurrence> occurrences, const OccurrenceGroups & groups,
                       Continuations & continuations);

/// Adds the conversation's most frequent tokens to the root's continuations, but for those that an occurrence
/// goes on with. `last` is the root's token, and `best_probability` that of the best continuation so far.
void add_frequent_tokens(const DraftText & text, Token last, const MatchStats::TokenStats & stats,
                         double best_probability, Continuations & continuations);

} // namespace reprise::draft
