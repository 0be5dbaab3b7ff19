#include "engine/filters.h"

#include <algorithm>
#include <limits>

#include "device/noise.h"

namespace reprise {

namespace {

/// A token that is e^80 times less probable than the best is none that a filter by probability would leave.
/// llama.cpp's typical-p makes an entropy that is no number where a probability is rounded to 0.
constexpr float negligible = 80;
/// Keeps XTC's coin apart from the noise of the draw.
constexpr uint64_t xtc_salt = 0x5854432d636f696eULL;

/// Leaves out tokens with a lower score. The order of the others stays.
void drop_below(llama_token_data_array & array, float score) {
    size_t kept = 0;
    for (size_t i = 0; i < array.size; ++i)
        if (array.data[i].logit >= score) array.data[kept++] = array.data[i];
    array.size = kept;
}

float highest_of(const llama_token_data_array & array) {
    float highest = array.data[0].logit;
    for (size_t i = 1; i < array.size; ++i) highest = std::max(highest, array.data[i].logit);
    return highest;
}

} // namespace

Filters::Filters(const FilterOptions & options, uint64_t seed)
    : xtc_probability_(options.xtc_probability), xtc_seed_(device::mix(seed ^ xtc_salt)) {
    const bool by_sigma = options.top_n_sigma > 0;
    const bool by_rank = options.top_k > 0;
    const bool typical = options.typical_p < 1;
    const bool nucleus = options.top_p < 1;
    const bool excluding = options.xtc_probability > 0 && options.xtc_threshold <= 0.5f;
    are_off_ = !by_sigma && !by_rank && !typical && !nucleus && options.min_p <= 0 && !excluding;
    need_all_ = by_sigma || (!by_rank && (typical || nucleus || excluding || options.min_p > 1));
    depend_on_order_ = typical || nucleus || excluding;

    if (by_sigma) top_n_sigma_.reset(llama_sampler_init_top_n_sigma(options.top_n_sigma));
    if (by_rank) top_k_.reset(llama_sampler_init_top_k(options.top_k));
    if (typical) typical_p_.reset(llama_sampler_init_typical(options.typical_p, 1));
    if (nucleus) top_p_.emplace(options.top_p);
    if (options.min_p > 0) min_p_.reset(llama_sampler_init_min_p(options.min_p, 1));
    // Its own coin has a state that each row would move on, drafts included. With probability 1 it always
    // acts.
    if (excluding) xtc_.reset(llama_sampler_init_xtc(1, options.xtc_threshold, 1, 0));
}

bool Filters::excludes(int64_t position) const {
    const uint64_t random = device::noise_bits(device::noise_key(xtc_seed_, position), 0);
    return static_cast<double>(random) * 0x1.0p-53 < xtc_probability_;
}

void Filters::apply(llama_token_data_array & array, int64_t position) {
    if (top_n_sigma_) {
        llama_sampler_apply(top_n_sigma_.get(), &array); // It gives -infinity to what it takes away.
        drop_below(array, std::numeric_limits<float>::lowest());
    }
    if (top_k_) llama_sampler_apply(top_k_.get(), &array);
    if (typical_p_) {
        drop_below(array, highest_of(array) - negligible);
        llama_sampler_apply(typical_p_.get(), &array);
    }
    if (top_p_) top_p_->apply(array);
    if (min_p_) llama_sampler_apply(min_p_.get(), &array);
    if (xtc_ && excludes(position)) llama_sampler_apply(xtc_.get(), &array);
}

} // namespace reprise
