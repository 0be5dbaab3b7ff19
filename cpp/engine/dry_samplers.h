#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "engine/llama_sampler.h"

namespace reprise {

/// DRY ("don't repeat yourself", by p-e-w): a token that would go on with what came before gets a penalty of
/// `multiplier` times `base` to the power of how many tokens are repeated beyond `allowed_length`.
struct DryOptions {
    float multiplier = 0; ///< 0 turns it off
    float base = 1.75f;
    int allowed_length = 2;
    int penalty_last_n = 64; ///< how many tokens it looks back; memory is taken for all of them
    std::vector<std::string> sequence_breakers{"\n", ":", "\"", "*"};

    bool is_off() const { return multiplier <= 0 || penalty_last_n <= 0; }
    bool operator==(const DryOptions &) const = default;
};

/// llama.cpp's DRY samplers. To make one it looks for each breaker in every token of the vocabulary, which
/// took 45 ms for 152,000 tokens: so the last few are kept, and what is asked for again is a copy.
class DrySamplers {
public:
    /// A sampler that has seen no token. Any thread may ask.
    LlamaSampler make(const llama_vocab * vocab, const DryOptions & options);

private:
    struct Known {
        DryOptions options;
        LlamaSampler sampler;
    };

    std::mutex mutex_;
    std::deque<Known> known_; ///< the latest last
};

} // namespace reprise
