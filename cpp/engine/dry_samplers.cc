#include "engine/dry_samplers.h"

#include <algorithm>

namespace reprise {

namespace {

constexpr size_t most_known = 4;

LlamaSampler make_new(const llama_vocab * vocab, const DryOptions & options) {
    std::vector<const char *> breakers;
    for (const std::string & breaker : options.sequence_breakers) breakers.push_back(breaker.c_str());
    return LlamaSampler(llama_sampler_init_dry(vocab, options.multiplier, options.base,
                                               options.allowed_length, options.penalty_last_n,
                                               breakers.data(), breakers.size()));
}

} // namespace

LlamaSampler DrySamplers::make(const llama_vocab * vocab, const DryOptions & options) {
    std::lock_guard lock(mutex_);
    const auto found =
        std::find_if(known_.begin(), known_.end(), [&](const Known & one) { return one.options == options; });
    if (found != known_.end()) return LlamaSampler(llama_sampler_clone(found->sampler.get()));
    known_.push_back({options, make_new(vocab, options)});
    if (known_.size() > most_known) known_.pop_front();
    return LlamaSampler(llama_sampler_clone(known_.back().sampler.get()));
}

} // namespace reprise
