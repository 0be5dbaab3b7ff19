#include "engine/adjustments.h"

#include <algorithm>
#include <limits>

namespace reprise {

namespace {

constexpr float lowest = -std::numeric_limits<float>::infinity();

void drop_banned(llama_token_data_array & array) {
    size_t kept = 0;
    for (size_t i = 0; i < array.size; ++i)
        if (array.data[i].logit > lowest) array.data[kept++] = array.data[i];
    array.size = kept;
}

void limit(llama_token_data_array & array) {
    for (size_t i = 0; i < array.size; ++i)
        array.data[i].logit = std::clamp(array.data[i].logit, -max_score, max_score);
}

void accept_last(llama_sampler * sampler, const std::vector<Token> & history, int window) {
    const size_t first = history.size() - std::min(history.size(), static_cast<size_t>(window));
    for (size_t i = first; i < history.size(); ++i)
        if (history[i] >= 0) llama_sampler_accept(sampler, history[i]);
}

LlamaSampler biases_and_penalties(int vocabulary_size, const AdjustmentOptions & options,
                                  const std::vector<Token> & history) {
    const bool penalises =
        options.penalty_window > 0 &&
        (options.repeat_penalty != 1 || options.frequency_penalty != 0 || options.presence_penalty != 0);
    if (!penalises && options.logit_bias.empty()) return nullptr;
    LlamaSampler chain(llama_sampler_chain_init(llama_sampler_chain_default_params()));
    if (!options.logit_bias.empty()) {
        std::vector<llama_logit_bias> biases;
        for (const auto & [token, bias] : options.logit_bias)
            biases.push_back({token, bias > lowest ? std::clamp(bias, -max_score, max_score) : lowest});
        llama_sampler_chain_add(
            chain.get(), llama_sampler_init_logit_bias(vocabulary_size, static_cast<int32_t>(biases.size()),
                                                       biases.data()));
    }
    if (penalises) {
        llama_sampler_chain_add(
            chain.get(),
            llama_sampler_init_penalties(vocabulary_size, options.penalty_window, options.repeat_penalty,
                                         options.frequency_penalty, options.presence_penalty));
        accept_last(chain.get(), history, options.penalty_window);
    }
    return chain;
}

LlamaSampler dry(const Model & model, const DryOptions & options, const std::vector<Token> & history) {
    if (options.is_off()) return nullptr;
    LlamaSampler sampler = model.dry_samplers().make(model.vocab(), options);
    accept_last(sampler.get(), history, options.penalty_last_n);
    return sampler;
}

} // namespace

Adjustments::Adjustments(const Model & model, const AdjustmentOptions & options,
                         const std::vector<Token> & history)
    : scores_(biases_and_penalties(model.vocabulary_size(), options, history)),
      dry_(dry(model, options.dry, history)) {}

void Adjustments::apply(llama_token_data_array & array) const {
    if (scores_) llama_sampler_apply(scores_.get(), &array);
    drop_banned(array);
    // A penalty of DRY that no float holds is infinite: it makes a token the last, which is then limited.
    if (dry_) llama_sampler_apply(dry_.get(), &array);
    limit(array);
}

void Adjustments::accept(Token token) {
    if (scores_) llama_sampler_accept(scores_.get(), token);
    if (dry_) llama_sampler_accept(dry_.get(), token);
}

} // namespace reprise
