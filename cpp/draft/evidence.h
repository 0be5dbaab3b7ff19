#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "draft/token.h"

namespace reprise::draft {

/// What is known about a draft token before the model has seen it: the inputs of `Acceptance`.
///
/// The token would be the child of a node of the draft tree. A node has occurrences: places in the text that
/// agree with what leads to the node (`Occurrence`). Its continuations are the tokens that they go on with.
/// Lengths, counts and distances are given as log2(1 + x); shares and rates lie between 0 and 1.
struct alignas(64) Evidence {
    enum Feature {
        // These describe the token.
        length,       ///< How long the longest match is among the occurrences that go on with the token,
                      ///< with the drafted tokens that lead to it.
        short_length, ///< The same length without the logarithm, 4 at most.
        lead,         ///< By how much `length` exceeds the best match that goes on with another token.
        vote_share, ///< The token's share of the votes. An occurrence's vote is the third power of its match.
        count_share, ///< The token's share of the occurrences.
        top_share,   ///< The token's share of the occurrences that match nearly as long as the longest.
        count,       ///< How many occurrences go on with the token.
        latest,      ///< 1 if the latest occurrence goes on with the token.
        distance,    ///< How far the latest occurrence that does is from the end of its text, in tokens.
        in_answer,   ///< 1 if the best occurrence is in the answer that is being written,
        in_question, ///< 1 if it is in the prompt that this answer is for,
        in_earlier_output, ///< 1 if it is in an earlier answer,
        in_document,       ///< 1 if it is in a document. An earlier prompt sets none of the four.
        aligned,           ///< 1 if an occurrence stands where the last long match would be by now.
        near_aligned,      ///< 1 / (1 + d) if one stands d tokens from there, for a small d; else 0.
        token_hits,        ///< How often the longest match predicted this token rightly.
        token_misses,      ///< How often the longest match predicted it wrongly.
        shortened_length,  ///< How long the longest match is that leaves the text's last token out, among the
                           ///< occurrences that have another token in its place.
        shortened_count,   ///< How many such occurrences go on with this token.
        frequency,         ///< The share of the output's tokens so far that were this one.

        // These describe the node and are the same for all its continuations.
        total,           ///< How many occurrences the node has.
        tokens,          ///< How many distinct tokens they go on with.
        top_length,      ///< How long the longest match of all occurrences is.
        shortened_total, ///< How many occurrences match without the text's last token.
        depth,           ///< How deep the node is in the tree; the root has depth 0.
        written,         ///< How many tokens of the answer there are so far.
        after_hits,      ///< How often the longest match predicted rightly what follows the node's token.
        after_misses,    ///< How often the longest match predicted wrongly what follows it.
        broken_length,   ///< How long the last long match was when it broke.
        since_break,     ///< How many tokens ago it broke.
        recent_rate,     ///< The share of the last few output tokens that their longest match predicted.
        long_rate,       ///< The same share over the last hundred or so.

        feature_count,
        first_of_node = total
    };
    std::array<float, feature_count> values{};

    float & operator[](Feature f) { return values[f]; }
    float operator[](Feature f) const { return values[f]; }

    /// Gives log2(1 + x); beyond 4095, to within 0.001.
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
