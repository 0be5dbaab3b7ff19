#pragma once

#include "llama.h"

namespace reprise {

/// Mirostat 2 (Basu et al., "Mirostat: A Neural Text Decoding Algorithm that Directly Controls Perplexity",
/// 2021, algorithm 2): tokens that would surprise by more than a limit are taken away, and the limit follows
/// what was drawn, so that the mean surprise comes to a target. A token's surprise is the negative binary
/// logarithm of its probability, in bits.
///
/// The rule is that of llama.cpp's sampler, which cannot be used here: it draws the token itself and moves
/// its limit at once, and for a draft that is rejected, too. Here the limit moves with committed tokens
/// alone.
class Mirostat {
public:
    /// `target` is in bits; `rate`, in 0…1, is the share of a difference to it that the limit makes up at
    /// once.
    Mirostat(float target, float rate) : target_(target), rate_(rate), limit_(2 * target) {}

    /// Leaves at least one token of the array, which is not empty, in its order, and sets what is the
    /// probability of each among them at the temperature, which is above 0.
    void apply(llama_token_data_array & array, float temperature) const;
    /// A token that had this probability in what apply() left was committed.
    void accept(float probability);

private:
    float target_;
    float rate_;
    float limit_; ///< in bits
};

} // namespace reprise
