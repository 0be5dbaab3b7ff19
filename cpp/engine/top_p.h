#pragma once

#include <cstdint>
#include <vector>

#include "llama.h"

namespace reprise {

/// Nucleus sampling (Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020): keeps the most
/// probable tokens, as many as it takes to add up to a share of the probability.
///
/// The probabilities and their sums are those of llama.cpp's sampler, bit for bit, and so is the number of
/// tokens that are kept. That one sorts the whole vocabulary where 256 tokens are too few. Here a histogram
/// of the probabilities tells which tokens are to be sorted.
class TopP {
public:
    /// `share` lies in 0…1.
    explicit TopP(float share) : share_(share) {}

    /// Leaves at least one token of the array, which is not empty. The tokens that are left are sorted, equal
    /// ones by their place in the array.
    void apply(llama_token_data_array & array);

private:
    /// A logit's key, which falls as the logit rises, above the token's place in the array.
    using Item = uint64_t;

    /// Sorts the tokens that are at least so probable.
    void sort(const llama_token_data_array & array, float least_probable);
    /// How many of the sorted tokens add up to the share, or 0 where all of them are too few.
    size_t count(const llama_token_data_array & array) const;

    float share_;
    std::vector<Item> items_, buffer_;
    std::vector<llama_token_data> kept_;
};

} // namespace reprise
