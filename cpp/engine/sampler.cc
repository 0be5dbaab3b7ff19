#include "engine/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/error.h"

namespace reprise {

namespace {

constexpr float lowest = -std::numeric_limits<float>::infinity();
/// Scores are limited to this, which those of a model stay far below. llama.cpp's top-k puts a score in one
/// of its buckets by an integer, which a score above 3e8 overflows: a token with a bias of 1e9 would come
/// last.
constexpr float max_score = 1e8f;

/// splitmix64's finaliser (Steele et al., 2014): every input bit reaches every output bit.
uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

/// Standard Gumbel noise. With 53 random bits it lies in (-3.7, 36.8), so below `max_gumbel`.
double gumbel(uint64_t position_key, Token token) {
    const uint64_t bits = mix(position_key + 0x9e3779b97f4a7c15ULL * (static_cast<uint64_t>(token) + 1));
    const double uniform = (static_cast<double>(bits >> 11) + 0.5) * 0x1.0p-53;
    return -std::log(-std::log(uniform));
}
constexpr double max_gumbel = 36.8;

/// `value` as a float; infinite where no float holds it, as a tiny temperature makes it.
float to_float(double value) {
    constexpr double largest = std::numeric_limits<float>::max();
    return value > largest ? -lowest : static_cast<float>(value);
}

/// Leaves out what is banned and limits the other scores. Returns the distance of the two best.
float drop_banned(llama_token_data_array & array) {
    float best = lowest;
    float second = lowest;
    size_t kept = 0;
    for (size_t i = 0; i < array.size; ++i) {
        llama_token_data one = array.data[i];
        if (!(one.logit > lowest)) continue;
        one.logit = std::clamp(one.logit, -max_score, max_score);
        second = std::max(second, std::min(best, one.logit));
        best = std::max(best, one.logit);
        array.data[kept++] = one;
    }
    array.size = kept;
    return best - second;
}

} // namespace

Sampler::Sampler(const Model & model, const SamplerOptions & options, const std::vector<Token> & history,
                 std::function<bool()> should_stop)
    : vocabulary_size_(model.vocabulary_size()), temperature_(options.temperature),
      seed_(mix(options.seed + 1)) {
    const bool penalises =
        options.penalty_window > 0 &&
        (options.repeat_penalty != 1 || options.frequency_penalty != 0 || options.presence_penalty != 0);
    adjusts_ = penalises || !options.logit_bias.empty() || !options.grammar.empty();
    plain_greedy_ = temperature_ <= 0 && !adjusts_;

    scores_.reset(llama_sampler_chain_init(llama_sampler_chain_default_params()));
    cuts_.reset(llama_sampler_chain_init(llama_sampler_chain_default_params()));
    if (!options.logit_bias.empty()) {
        std::vector<llama_logit_bias> biases;
        for (const auto & [token, bias] : options.logit_bias)
            biases.push_back({token, bias > lowest ? std::clamp(bias, -max_score, max_score) : lowest});
        llama_sampler_chain_add(
            scores_.get(), llama_sampler_init_logit_bias(vocabulary_size_,
                                                         static_cast<int32_t>(biases.size()), biases.data()));
    }
    if (penalises) {
        llama_sampler_chain_add(
            scores_.get(),
            llama_sampler_init_penalties(vocabulary_size_, options.penalty_window, options.repeat_penalty,
                                         options.frequency_penalty, options.presence_penalty));
        const size_t window = std::min(history.size(), static_cast<size_t>(options.penalty_window));
        for (size_t i = history.size() - window; i < history.size(); ++i)
            llama_sampler_accept(scores_.get(), history[i]);
    }
    if (temperature_ > 0) {
        const auto add = [&](llama_sampler * cut) { llama_sampler_chain_add(cuts_.get(), cut); };
        if (options.top_k > 0) add(llama_sampler_init_top_k(options.top_k));
        if (options.top_p < 1) add(llama_sampler_init_top_p(options.top_p, 1));
        if (options.min_p > 0) add(llama_sampler_init_min_p(options.min_p, 1));
    }
    if (!options.grammar.empty())
        grammar_ =
            std::make_unique<Grammar>(model, options.grammar, options.grammar_root, std::move(should_stop));
}

std::optional<Choice> Sampler::choose(const float * logits, const TopLogits & top, int64_t position) {
    if (!std::isfinite(top[0].logit))
        throw Error(ErrorCode::decode_failed,
                    std::string("The model computed ") +
                        (top[0].logit > 0 ? "an infinite score" : "no score that is a number") +
                        ", so no token can be chosen; its file is damaged, or its weights do not suit the "
                        "types that it is computed with");
    const float raw_distance = top[0].logit - top[1].logit;
    if (plain_greedy_) return Choice{top[0].token, raw_distance, raw_distance};
    const std::optional<Choice> choice = choose_filtered(logits, raw_distance, position, false);
    if (choice && (!grammar_ || grammar_->allows(choice->token))) return choice;
    if (!grammar_)
        throw Error(ErrorCode::option_invalid,
                    "logitBias bans every token of the vocabulary; leave some to say");
    if (const auto fitting = choose_filtered(logits, raw_distance, position, true)) return fitting;
    if (grammar_->complete()) return std::nullopt;
    throw Error(
        ErrorCode::grammar_invalid,
        "No token of the vocabulary goes on as the grammar wants it, or logitBias bans those that do");
}

std::optional<Choice> Sampler::choose_filtered(const float * logits, float raw_distance, int64_t position,
                                               bool grammar_first) {
    candidates_.resize(vocabulary_size_);
    for (Token token = 0; token < vocabulary_size_; ++token)
        // What is not a number cannot be compared either.
        candidates_[token] = {token, logits[token] > lowest ? logits[token] : lowest, 0.0f};
    llama_token_data_array array{candidates_.data(), candidates_.size(), -1, false};
    if (grammar_first) grammar_->ban_others(array);
    float uncut_distance = raw_distance;
    if (adjusts_) {
        llama_sampler_apply(scores_.get(), &array);
        uncut_distance = drop_banned(array);
        if (array.size == 0) return std::nullopt;
    }
    llama_sampler_apply(cuts_.get(), &array);

    const uint64_t position_key = mix(seed_ + static_cast<uint64_t>(position) * 0xd1342543de82ef95ULL);
    Token best_token = array.data[0].id;
    double best = lowest;
    double second = lowest;
    for (size_t i = 0; i < array.size; ++i) {
        const llama_token_data & candidate = array.data[i];
        double score = candidate.logit;
        if (temperature_ > 0) {
            score /= temperature_;
            if (score + max_gumbel < second) continue;
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
    const double margin = best - second;
    const double distance = array.size == 1    ? uncut_distance
                            : temperature_ > 0 ? margin * temperature_
                                               : margin;
    return Choice{best_token, to_float(margin), to_float(distance)};
}

void Sampler::accept(Token token) {
    if (plain_greedy_) return;
    // The grammar comes first: where it refuses the token, nothing is changed.
    if (grammar_) grammar_->accept(token);
    llama_sampler_accept(scores_.get(), token);
}

} // namespace reprise
