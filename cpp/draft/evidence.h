#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "draft/token.h"

namespace reprise::draft {

/// What is known about a draft token before the model has seen it: the inputs of `Acceptance`. Lengths,
/// counts and distances are log2(1 + x), shares and rates lie in 0…1. "Places" are those of one node of the
/// tree: where the text said something like what leads to it (see `Places`).
struct alignas(64) Evidence {
    enum Feature {
        // Of the token.
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
        latest,            ///< 1 if the latest place goes on with this token.
        distance,          ///< Tokens from the latest such place to the end of its text.
        in_answer,         ///< 1 if the best place is in the answer being written,
        in_question,       ///< in the prompt that it answers,
        in_earlier_output, ///< in an earlier answer,
        in_document,       ///< in a document (none of the four: an earlier prompt).
        aligned,           ///< 1 if the place is where the last long match would be by now,
        near_aligned,      ///< falling with the distance from there.
        token_hits,        ///< How often this token was right as the longest match's next,
        token_misses,      ///< and how often wrong.
        skip_length,       ///< Longest match of the text without its last token, of
                           ///< places with another one.
        skip_count,        ///< Such places that go on with this token.
        frequency,         ///< Share of the output tokens so far that were this one.

        // Of the node whose child it would be: the same for all its options.
        total,         ///< Places in all.
        tokens,        ///< Distinct tokens that they go on with.
        top_length,    ///< Longest match of all places.
        skip_total,    ///< Places of the text without its last token in all.
        depth,         ///< Of the node in the tree.
        written,       ///< Tokens of the answer so far.
        after_hits,    ///< How often the longest match went on after the node's token,
        after_misses,  ///< and how often not.
        broken_length, ///< How long the last long match was when it broke.
        since_break,   ///< Tokens since.
        recent_rate,   ///< Share of the last few output tokens that went on as their
                       ///< longest match did.
        long_rate,     ///< The same over the last hundred or so.

        feature_count,
        first_of_node = total
    };
    std::array<float, feature_count> values{};

    float & operator[](Feature f) { return values[f]; }
    float operator[](Feature f) const { return values[f]; }

    /// log2(1 + x) of a count, beyond 4095 to within 0.001.
    static float log(int64_t x) {
        if (x < 0) return 0;
        if (x < small) return log_of_small[x];
        const int halvings = std::bit_width(static_cast<uint64_t>(x)) - std::bit_width(small - 1u);
        return log_of_small[x >> halvings] + static_cast<float>(halvings);
    }

private:
    static constexpr int small = 4096;
    static inline const std::array<float, small> log_of_small = [] {
        std::array<float, small> table;
        for (int i = 0; i < small; ++i) table[i] = std::log2(1.f + static_cast<float>(i));
        return table;
    }();
};

} // namespace reprise::draft
