#include "engine/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "device/row_scan.h"
#include "engine/error.h"
#include "engine/gumbel_max.h"

namespace reprise {

namespace {

constexpr float lowest = -std::numeric_limits<float>::infinity();
/// Scores are limited to this, which those of a model stay far below. llama.cpp's top-k puts a score in one
/// of its buckets by an integer, which a score above 3e8 overflows: a token with a bias of 1e9 would come
/// last.
constexpr float max_score = 1e8f;

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

Choice choice_of(Token token, double margin, double distance) {
    return {token, to_float(margin), to_float(distance)};
}

/// The highest score, and of equal ones the lowest token.
Choice best_of(std::span<const llama_token_data> tokens, float uncut_distance) {
    Token best_token = tokens[0].id;
    float best = lowest, second = lowest;
    for (const auto & [token, score, probability] : tokens) {
        if (score > best || (score == best && token < best_token)) {
            second = best;
            best = score;
            best_token = token;
        } else if (score > second) {
            second = score;
        }
    }
    const double margin = static_cast<double>(best) - second;
    return choice_of(best_token, margin, tokens.size() == 1 ? uncut_distance : margin);
}

DrawRule rule_of(const SamplerOptions & options, uint64_t seed, bool adjusts) {
    using Needs = DrawRule::Needs;
    DrawRule rule{Needs::whole, seed, options.temperature, std::max(options.min_p, 0.f), options.top_k};
    if (adjusts) return rule;
    if (options.temperature <= 0)
        rule.needs = Needs::best;
    else if (options.top_k > 0)
        rule.needs = options.top_k <= device::most_kept ? Needs::top_k : Needs::whole;
    else if (options.top_p >= 1 && options.min_p <= 1)
        rule.needs = Needs::noised;
    return rule;
}

/// Whether two of the tokens have the same logit.
bool has_equals(std::span<const draft::RankedToken> tokens) {
    for (size_t i = 0; i < tokens.size(); ++i)
        for (size_t other = 0; other < i; ++other)
            if (tokens[i].logit == tokens[other].logit) return true;
    return false;
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
    draws_from_all_ =
        temperature_ > 0 && !adjusts_ && options.top_k <= 0 && options.top_p >= 1 && options.min_p <= 0;
    rule_ = rule_of(options, seed_, adjusts_);

    scores_.reset(llama_sampler_chain_init(llama_sampler_chain_default_params()));
    top_k_.reset(llama_sampler_init_top_k(temperature_ > 0 ? options.top_k : 0));
    min_p_.reset(llama_sampler_init_min_p(temperature_ > 0 ? options.min_p : 0, 1));
    if (temperature_ > 0 && options.top_p < 1) top_p_.emplace(options.top_p);
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
    if (options.grammar.empty()) return;
    grammar_ =
        std::make_unique<Grammar>(model, options.grammar, options.grammar_root, std::move(should_stop));
    const Token turn_end = llama_vocab_eot(model.vocab());
    guide_.emplace(*grammar_, model.vocabulary(), turn_end >= 0 ? turn_end : llama_vocab_eos(model.vocab()));
}

std::optional<Choice> Sampler::choose(const LogitRow & logits, const TopLogits & top, int64_t position) {
    if (!std::isfinite(top[0].logit))
        throw Error(ErrorCode::decode_failed,
                    std::string("The model computed ") +
                        (top[0].logit > 0 ? "an infinite score" : "no score that is a number") +
                        ", so no token can be chosen; its file is damaged, or its weights do not suit the "
                        "types that it is computed with");
    if (plain_greedy_) {
        const float distance = top[0].logit - top[1].logit;
        return Choice{top[0].token, distance, distance};
    }
    if (const auto few = logits.survivors({rule_, position}))
        if (const auto choice = choose_among(*few, top, position)) return choice;
    if (draws_from_all_) return draw_from_all(logits.whole(), top, position);
    const std::optional<Choice> choice = choose_filtered(logits.whole(), top, position, false);
    if (choice && (!grammar_ || grammar_->allows(choice->token))) return choice;
    if (!grammar_)
        throw Error(ErrorCode::option_invalid,
                    "logitBias bans every token of the vocabulary; leave some to say");
    if (const auto fitting = choose_filtered(logits.whole(), top, position, true)) return fitting;
    if (grammar_->complete()) return std::nullopt;
    throw Error(
        ErrorCode::grammar_invalid,
        "No token of the vocabulary goes on as the grammar wants it, or logitBias bans those that do");
}

std::optional<Choice> Sampler::choose_among(std::span<const draft::RankedToken> few, const TopLogits & top,
                                            int64_t position) {
    // Top-p cuts equal ones by their place in the vocabulary, after a sort that may have moved them.
    if (top_p_ && has_equals(few)) return std::nullopt;
    candidates_.clear();
    for (const auto & [token, logit] : few) candidates_.push_back({token, logit, 0.0f});
    // Of noised ones min-p has taken what it takes away, and takes no more where the highest is missing.
    llama_token_data_array array{candidates_.data(), candidates_.size(), -1, false};
    return draw_filtered(array, position, top[0].logit - top[1].logit);
}

Choice Sampler::draw_from_all(const float * logits, const TopLogits & top, int64_t position) {
    GumbelMax draw(seed_, position, temperature_);
    draw.expect(top[0].token, top[0].logit, top[1].token, top[1].logit);
    for (Token token = 0; token < vocabulary_size_; ++token) draw.offer(token, logits[token]);
    return choice_of(draw.best_token(), draw.margin(), draw.margin() * temperature_);
}

std::optional<Choice> Sampler::choose_filtered(const float * logits, const TopLogits & top, int64_t position,
                                               bool grammar_first) {
    const float raw_distance = top[0].logit - top[1].logit;
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
    return draw_filtered(array, position, uncut_distance);
}

Choice Sampler::draw_filtered(llama_token_data_array & array, int64_t position, float uncut_distance) {
    llama_sampler_apply(top_k_.get(), &array);
    if (top_p_) top_p_->apply(array);
    llama_sampler_apply(min_p_.get(), &array);
    const std::span<const llama_token_data> left(array.data, array.size);
    if (temperature_ <= 0) return best_of(left, uncut_distance);
    GumbelMax draw(seed_, position, temperature_);
    for (const llama_token_data & one : left) draw.offer(one.id, one.logit);
    return choice_of(draw.best_token(), draw.margin(),
                     left.size() == 1 ? uncut_distance : draw.margin() * temperature_);
}

draft::Guide * Sampler::begin_guide() {
    if (!guide_) return nullptr;
    guide_->begin();
    return &*guide_;
}

void Sampler::accept(Token token) {
    if (plain_greedy_) return;
    // The grammar comes first: where it refuses the token, nothing is changed.
    if (grammar_) grammar_->accept(token);
    if (guide_) guide_->accept(token);
    llama_sampler_accept(scores_.get(), token);
}

} // namespace reprise
