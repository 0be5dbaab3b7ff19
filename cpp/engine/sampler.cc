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

/// `value` as a float; infinite where no float holds it, as a tiny temperature makes it.
float to_float(double value) {
    constexpr double largest = std::numeric_limits<float>::max();
    return value > largest ? -lowest : static_cast<float>(value);
}

/// The distance of the two best scores.
float distance_of_best(const llama_token_data_array & array) {
    float best = lowest;
    float second = lowest;
    for (size_t i = 0; i < array.size; ++i) {
        second = std::max(second, std::min(best, array.data[i].logit));
        best = std::max(best, array.data[i].logit);
    }
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

/// Filters act on what is drawn at a temperature, where Mirostat does not take their place.
FilterOptions filters_of(const SamplerOptions & options) {
    if (options.temperature > 0 && !options.mirostat) return options;
    return {};
}

DrawRule rule_of(const SamplerOptions & options, uint64_t seed, const Filters & filters) {
    using Needs = DrawRule::Needs;
    DrawRule rule{Needs::whole, seed, options.temperature, std::max(options.min_p, 0.f), options.top_k};
    if (options.temperature <= 0)
        rule.needs = Needs::best;
    else if (options.mirostat || filters.need_all())
        rule.needs = Needs::whole;
    else if (options.top_k > 0)
        rule.needs = options.top_k <= device::most_kept ? Needs::top_k : Needs::whole;
    else
        rule.needs = Needs::noised;
    return rule;
}

/// The probability that the token has among these.
float probability_in(std::span<const llama_token_data> tokens, Token token) {
    const auto found =
        std::find_if(tokens.begin(), tokens.end(), [&](auto & one) { return one.id == token; });
    return found == tokens.end() ? 1 : found->p;
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
      seed_(mix(options.seed + 1)), adjustments_(model, options, history),
      filters_(filters_of(options), seed_), model_(model), options_(options) {
    const ReplyRules * const reply = options.reply.get();
    const bool of_reply = options.grammar.empty() && reply && !reply->grammar.empty();
    const std::string & text = of_reply ? reply->grammar : options.grammar;
    if (!text.empty()) {
        grammar_ = std::make_unique<Grammar>(model, text, options.grammar_root, std::move(should_stop));
        const Token turn_end = llama_vocab_eot(model.vocab());
        guide_.emplace(*grammar_, model.vocabulary(),
                       turn_end >= 0 ? turn_end : llama_vocab_eos(model.vocab()));
        holds_ = !of_reply || !reply->lazy;
        if (of_reply && holds_ && !grammar_->accept_text(reply->before + reply->begun))
            throw Error(
                ErrorCode::grammar_invalid,
                "The grammar of the tools does not fit how the chat template begins a reply; pass another "
                "template, or toolChoice: 'auto'");
    }
    if (reply && (!holds_ || !reply->thinking_ends.empty()))
        watch_.emplace(options.reply, options.reasoning_budget, grammar_ && !holds_);
    if (watch_ && !reply->begun.empty()) watch(watch_->read(reply->begun));
    choose_ways(options);
    if (temperature_ > 0 && options.mirostat) mirostat_.emplace(options.mirostat_tau, options.mirostat_eta);
}

void Sampler::choose_ways(const SamplerOptions & options) {
    adjusts_ = !adjustments_.are_off() || follows_grammar();
    plain_greedy_ = temperature_ <= 0 && !adjusts_;
    draws_from_all_ = temperature_ > 0 && !adjusts_ && !options.mirostat && filters_.are_off();
    rule_ = adjusts_ ? DrawRule{} : rule_of(options, seed_, filters_);
}

std::optional<Token> Sampler::forced() {
    if (!watch_) return std::nullopt;
    const std::optional<Token> token = watch_->forced();
    if (!token || !follows_grammar() || grammar_->allows(*token)) return token;
    watch_->give_up_forcing();
    return std::nullopt;
}

std::optional<Choice> Sampler::choose(const LogitRow & logits, const TopLogits & top, int64_t position) {
    if (!std::isfinite(top[0].logit))
        throw Error(ErrorCode::decode_failed,
                    std::string("The model computed ") +
                        (top[0].logit > 0 ? "an infinite score" : "no score that is a number") +
                        ", so no token can be chosen; its file is damaged, or its weights do not suit the "
                        "types that it is computed with");
    if (const std::optional<Token> token = forced()) {
        probability_ = 1;
        return choice_of(*token, -lowest, -lowest);
    }
    if (plain_greedy_) {
        const float distance = top[0].logit - top[1].logit;
        return Choice{top[0].token, distance, distance};
    }
    if (const auto few = logits.survivors({rule_, position}))
        if (const auto choice = choose_among(*few, top, position)) return choice;
    if (draws_from_all_) return draw_from_all(logits.whole(), top, position);
    const std::optional<Choice> choice = choose_filtered(logits.whole(), top, position, false);
    if (choice && (!follows_grammar() || grammar_->allows(choice->token))) return choice;
    if (!follows_grammar())
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
    // Equal ones may be cut by their place in the vocabulary, after a sort that may have moved them.
    if (filters_.depend_on_order() && has_equals(few)) return std::nullopt;
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
        adjustments_.apply(array);
        if (array.size == 0) return std::nullopt;
        uncut_distance = distance_of_best(array);
    }
    return draw_filtered(array, position, uncut_distance);
}

Choice Sampler::draw_filtered(llama_token_data_array & array, int64_t position, float uncut_distance) {
    filters_.apply(array, position);
    if (mirostat_) mirostat_->apply(array, temperature_);
    const std::span<const llama_token_data> left(array.data, array.size);
    if (temperature_ <= 0) return best_of(left, uncut_distance);
    GumbelMax draw(seed_, position, temperature_);
    for (const llama_token_data & one : left) draw.offer(one.id, one.logit);
    if (mirostat_) probability_ = probability_in(left, draw.best_token());
    return choice_of(draw.best_token(), draw.margin(),
                     left.size() == 1 ? uncut_distance : draw.margin() * temperature_);
}

draft::Guide * Sampler::begin_guide() {
    if (!guide_ || !holds_) return nullptr;
    guide_->begin();
    return &*guide_;
}

void Sampler::accept(Token token) {
    if (!plain_greedy_) {
        // The grammar comes first: where it refuses the token, nothing is changed.
        if (follows_grammar()) grammar_->accept(token);
        if (guide_) guide_->accept(token);
        adjustments_.accept(token);
        if (mirostat_) mirostat_->accept(probability_);
    }
    if (!watch_) return;
    piece_.clear();
    model_.vocabulary().append_piece(token, true, piece_);
    watch(watch_->accept(token, piece_));
}

void Sampler::watch(const std::optional<std::string> & begun) {
    if (!begun || !grammar_->accept_text(*begun)) return;
    holds_ = true;
    watch_->begun();
    choose_ways(options_);
}

} // namespace reprise
