#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/dry_samplers.h"
#include "engine/llama_sampler.h"
#include "engine/model.h"

namespace reprise {

struct AdjustmentOptions {
    std::vector<std::pair<Token, float>> logit_bias;
    float repeat_penalty = 1;
    float frequency_penalty = 0;
    float presence_penalty = 0;
    int penalty_window = 64; ///< how many tokens the penalties look back; memory is taken for all of them
    DryOptions dry;
};

/// Scores are limited to this, which those of a model stay far below. llama.cpp's top-k puts a score in one
/// of its buckets by an integer, which a score above 3e8 overflows: a token with a bias of 1e9 would come
/// last.
constexpr float max_score = 1e8f;

/// What changes scores before any token is taken away: biases, then penalties, then DRY, all by llama.cpp's
/// samplers. They see committed tokens alone.
class Adjustments {
public:
    /// The `history` is the tokens so far. Throws what llama.cpp asserts of DRY's breakers.
    Adjustments(const Model & model, const AdjustmentOptions & options, const std::vector<Token> & history);

    bool are_off() const { return !scores_ && !dry_; }
    /// Changes the scores, leaves out the tokens that are banned, and limits what is left, of which may be
    /// nothing. Tokens at -infinity count as banned, and DRY bans none.
    void apply(llama_token_data_array & array) const;
    void accept(Token token);

private:
    LlamaSampler scores_; ///< applies biases and penalties
    LlamaSampler dry_;
};

} // namespace reprise
