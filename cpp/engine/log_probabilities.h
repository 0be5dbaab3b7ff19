#pragma once

#include <string>
#include <vector>

#include "draft/token.h"

namespace reprise {

/// The natural logarithm of a token's probability.
struct TokenLogProbability {
    draft::Token token;
    float logprob;
};

/// What a model thought of a token before any bias, penalty, filter or temperature: the softmax over the
/// whole vocabulary of its logits.
struct LogProbabilities {
    float chosen;
    std::vector<TokenLogProbability> top; ///< The most probable tokens, the best first.
};

/// Of the `chosen` token and of `top_count` others at most. `logits` has one a token, and at least one of
/// them is finite. One that is not a number counts as -infinity, and is not among the top. Of equal ones the
/// lowest token comes first. The same logits give the same bits.
LogProbabilities log_probabilities(const float * logits, int vocabulary_size, draft::Token chosen,
                                   int top_count);

/// The same with the tokens' texts, for whoever has no vocabulary. A byte that is no whole character by
/// itself is U+FFFD in JavaScript.
struct TokenLogprobs {
    struct Top {
        draft::Token token;
        std::string text;
        float logprob;
    };
    draft::Token token;
    std::string text;
    float logprob;
    std::vector<Top> top;
};

} // namespace reprise
