#pragma once

#include <cstdint>
#include <optional>

#include "engine/llama_sampler.h"
#include "engine/top_p.h"

namespace reprise {

struct FilterOptions {
    float top_n_sigma = 0;     ///< 0 turns it off
    int top_k = 0;             ///< 0 turns it off
    float typical_p = 1;       ///< 1 turns it off
    float top_p = 1;           ///< 1 turns it off
    float min_p = 0;           ///< 0 turns it off
    float xtc_probability = 0; ///< 0 turns it off
    float xtc_threshold = 0.1f;
};

/// Takes tokens away before one is drawn: llama.cpp's samplers, in the order of its default chain. What is
/// left depends on the scores alone, and with XTC on seed and position.
class Filters {
public:
    Filters(const FilterOptions & options, uint64_t seed);

    /// Leaves at least one token of the array, which is not empty and holds no score that is infinite or no
    /// number, but for -infinity. `position` tokens come before the one that is drawn.
    void apply(llama_token_data_array & array, int64_t position);

    /// Whether no token is ever taken away.
    bool are_off() const { return are_off_; }
    /// Whether it takes all tokens to know what is left. If not, those that top-k leaves are enough, or the
    /// few that Logits::survivors gives for min-p.
    bool need_all() const { return need_all_; }
    /// Whether the order of tokens with equal scores may decide which of them is left.
    bool depend_on_order() const { return depend_on_order_; }

private:
    /// Whether XTC takes tokens away at the position.
    bool excludes(int64_t position) const;

    bool are_off_;
    bool need_all_;
    bool depend_on_order_;
    float xtc_probability_;
    uint64_t xtc_seed_;
    LlamaSampler top_n_sigma_;
    LlamaSampler top_k_;
    LlamaSampler typical_p_;
    std::optional<TopP> top_p_;
    LlamaSampler min_p_;
    LlamaSampler xtc_;
};

} // namespace reprise
