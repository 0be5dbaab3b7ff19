#pragma once

#include "token.h"

#include <array>
#include <cmath>

namespace reprise::draft {

/// What is known about a draft token before the model has seen it: the inputs
/// of `Acceptance`. Lengths, counts and distances are log2(1 + x), shares and
/// rates lie in 0…1. "Places" are those of one node of the tree: where the text
/// said something like what leads to it (see `Places`).
struct Evidence {
    enum Feature {
        length,            ///< Longest match among the places that go on with this token,
                           ///< drafted tokens included.
        short_length,      ///< The same, linear, up to 4.
        lead,              ///< `length` less that of the best place that goes on with another
                           ///< token.
        vote_share,        ///< Of the places' votes, which grow with the third power of
                           ///< the match.
        count_share,       ///< Of the places, each counting the same.
        top_share,         ///< Of the places whose match is nearly as long as the longest.
        count,             ///< Places that go on with this token.
        total,             ///< Places in all.
        tokens,            ///< Distinct tokens that they go on with.
        latest,            ///< 1 if the latest place goes on with this token.
        distance,          ///< Tokens from the latest such place to the end of its text.
        depth,             ///< Of the parent in the tree.
        in_answer,         ///< 1 if the best place is in the answer being written,
        in_question,       ///< in the prompt that it answers,
        in_earlier_output, ///< in an earlier answer,
        in_document,       ///< in a document (none of the four: an earlier prompt).
        aligned,           ///< 1 if the place is where the last long match would be by now,
        near_aligned,      ///< falling with the distance from there.
        broken_length,     ///< How long that match was when it broke.
        since_break,       ///< Tokens since.
        recent_rate,       ///< Share of the last few output tokens that went on as their
                           ///< longest match did.
        long_rate,         ///< The same over the last hundred or so.
        written,           ///< Tokens of the answer so far.
        top_length,        ///< Longest match of all places.
        token_hits,        ///< How often this token was right as the longest match's next,
        token_misses,      ///< and how often wrong.
        after_hits,        ///< How often the longest match went on after the token before,
        after_misses,      ///< and how often not.
        skip_length,       ///< Longest match of the text without its last token, of
                           ///< places with another one.
        skip_count,        ///< Such places that go on with this token.
        skip_total,        ///< Such places in all.
        frequency,         ///< Share of the output tokens so far that were this one.
        feature_count
    };
    std::array<float, feature_count> values{};

    float & operator[](Feature f) { return values[f]; }
    float operator[](Feature f) const { return values[f]; }

    /// log2(1 + x) of a count.
    static float log(int64_t x) {
        static const std::array<float, 512> small = [] {
            std::array<float, 512> table;
            for (int i = 0; i < 512; ++i) table[i] = std::log2(1.f + static_cast<float>(i));
            return table;
        }();
        if (x < 512) return small[x < 0 ? 0 : x];
        return std::log2(1.f + static_cast<float>(x));
    }
};

} // namespace reprise::draft
