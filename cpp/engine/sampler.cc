#include "engine/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/error.h"
#include "engine/grammar.h"
#include "engine/llama_log.h"

namespace reprise {

namespace {

constexpr float lowest = -std::numeric_limits<float>::infinity();

/// splitmix64's finaliser (Steele et al., 2014): every input bit reaches every output bit.
uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

/// Standard Gumbel noise; with 53 random bits it lies in (-3.7, 36.8).
double gumbel(uint64_t position_key, Token token) {
    const uint64_t bits = mix(position_key + 0x9e3779b97f4a7c15ULL * (static_cast<uint64_t>(token) + 1));
    const double uniform = (static_cast<double>(bits >> 11) + 0.5) * 0x1.0p-53;
    return -std::log(-std::log(uniform));
}
constexpr double most_gumbel = 36.8;

} // namespace

Sampler::Sampler(const Model & model, const SamplerOptions & options, const std::vector<Token> & said)
    : vocabulary_size_(model.vocabulary_size()), temperature_(options.temperature),
      seed_(mix(options.seed + 1)) {
    const bool penalises =
        options.penalty_window > 0 &&
        (options.repeat_penalty != 1 || options.frequency_penalty != 0 || options.presence_penalty != 0);
    plain_greedy_ = temperature_ <= 0 && !penalises && options.logit_bias.empty() && options.grammar.empty();

    filters_.reset(llama_sampler_chain_init(llama_sampler_chain_default_params()));
    const auto add = [&](llama_sampler * filter) { llama_sampler_chain_add(filters_.get(), filter); };
    if (!options.logit_bias.empty()) {
        std::vector<llama_logit_bias> biases;
        for (const auto & [token, bias] : options.logit_bias) biases.push_back({token, bias});
        add(llama_sampler_init_logit_bias(vocabulary_size_, static_cast<int32_t>(biases.size()),
                                          biases.data()));
    }
    if (penalises)
        add(llama_sampler_init_penalties(vocabulary_size_, options.penalty_window, options.repeat_penalty,
                                         options.frequency_penalty, options.presence_penalty));
    if (temperature_ > 0) {
        if (options.top_k > 0) add(llama_sampler_init_top_k(options.top_k));
        if (options.top_p < 1) add(llama_sampler_init_top_p(options.top_p, 1));
        if (options.min_p > 0) add(llama_sampler_init_min_p(options.min_p, 1));
        add(llama_sampler_init_temp(temperature_));
    }
    if (penalises) {
        const size_t window = std::min(said.size(), static_cast<size_t>(options.penalty_window));
        for (size_t i = said.size() - window; i < said.size(); ++i)
            llama_sampler_accept(filters_.get(), said[i]);
    }
    if (!options.grammar.empty()) {
        const std::string fault = grammar_fault(model.vocab(), options.grammar);
        if (!fault.empty()) throw Error("GRAMMAR_INVALID", "The grammar is not GBNF: " + fault);
        LogCapture log;
        grammar_.reset(
            llama_sampler_init_grammar(model.vocab(), options.grammar.c_str(), options.grammar_root.c_str()));
        if (!grammar_) {
            const std::string reason = log.reason();
            throw Error("GRAMMAR_INVALID", "llama.cpp refused the grammar" +
                                               (reason.empty() ? std::string() : " (" + reason + ")") +
                                               "; it needs a rule named " + options.grammar_root +
                                               " and no left recursion");
        }
    }
}

bool Sampler::grammar_allows(Token token) {
    llama_token_data one{token, 1.0f, 0.0f};
    llama_token_data_array array{&one, 1, -1, false};
    llama_sampler_apply(grammar_.get(), &array);
    return array.data[0].logit != lowest;
}

Choice Sampler::choose(const float * logits, const TopLogits & top, int64_t position) {
    if (plain_greedy_) return {top[0].token, top[0].logit - top[1].logit};
    const Choice choice = choose_filtered(logits, position, false);
    if (!grammar_ || grammar_allows(choice.token)) return choice;
    return choose_filtered(logits, position, true);
}

Choice Sampler::choose_filtered(const float * logits, int64_t position, bool grammar_first) {
    candidates_.resize(vocabulary_size_);
    for (Token token = 0; token < vocabulary_size_; ++token)
        candidates_[token] = {token, logits[token], 0.0f};
    llama_token_data_array array{candidates_.data(), candidates_.size(), -1, false};
    if (grammar_first) llama_sampler_apply(grammar_.get(), &array);
    llama_sampler_apply(filters_.get(), &array);

    const uint64_t position_key = mix(seed_ + static_cast<uint64_t>(position) * 0xd1342543de82ef95ULL);
    Token best_token = array.size > 0 ? array.data[0].id : 0;
    double best = lowest;
    double second = lowest;
    for (size_t i = 0; i < array.size; ++i) {
        const llama_token_data & candidate = array.data[i];
        double score = candidate.logit;
        if (temperature_ > 0) {
            if (score + most_gumbel < second) continue;
            score += gumbel(position_key, candidate.id);
        }
        if (score > best || (score == best && candidate.id < best_token)) {
            second = best;
            best = score;
            best_token = candidate.id;
        } else if (score > second) {
            second = score;
        }
    }
    return {best_token, static_cast<float>(best - second)};
}

void Sampler::accept(Token token) {
    if (plain_greedy_) return;
    llama_sampler_accept(filters_.get(), token);
    if (grammar_) llama_sampler_accept(grammar_.get(), token);
}

} // namespace reprise
