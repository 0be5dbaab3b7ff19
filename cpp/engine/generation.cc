#include "engine/generation.h"

#include <algorithm>

namespace reprise {

namespace {
/// Handing over costs the listener's thread more than a pass of a small model, and a display shows no more
/// frames.
constexpr double chunk_interval_ms = 8;

/// The stop strings that hold the text of a token that is not shown.
std::vector<std::string> hidden_stops(const Model & model, const GenerateOptions & options) {
    std::vector<std::string> hidden;
    if (options.special) return hidden;
    std::string piece;
    for (const std::string & stop : options.stop)
        for (const Token token : model.vocabulary().tokenize(stop, false, true)) {
            piece.clear();
            model.vocabulary().append_piece(token, false, piece);
            if (!piece.empty() && !llama_vocab_is_eog(model.vocab(), token)) continue;
            hidden.push_back(stop);
            break;
        }
    return hidden;
}
} // namespace

Generation::Generation(const Model & model, GenerateOptions options, GenerationListener listener,
                       const std::vector<Token> & history, float near_tie, std::function<bool()> should_stop)
    : model_(model), options_(std::move(options)), listener_(std::move(listener)), near_tie_(near_tie),
      sampler_(model, options_.sampler, options_.tokens ? *options_.tokens : history, std::move(should_stop)),
      text_(options_.stop, hidden_stops(model, options_)) {
    // A reply's grammar may begin later, when it asks for whole rows; they can be had at any time.
    draw_rule_ = sampler_.draw_rule();
    if (options_.logprobs) draw_rule_.needs = DrawRule::Needs::whole;
    if (!options_.recorded.empty()) options_.max_tokens = static_cast<int>(options_.recorded.size());
}

void Generation::report_progress(int done, int total) {
    if (listener_.on_progress) listener_.on_progress(done, total);
}

std::optional<Choice> Generation::choose(const LogitRow & logits, const TopLogits & top, int64_t position) {
    std::optional<Choice> choice = sampler_.choose(logits, top, position);
    if (choice && !options_.recorded.empty()) choice->token = options_.recorded[metrics_.output_tokens];
    return choice;
}

TokenLogprobs Generation::logprobs_of(Token token, const LogitRow & logits) const {
    const auto text = [&](Token one) { return model_.vocabulary().detokenize(std::span(&one, 1), true); };
    const LogProbabilities all =
        log_probabilities(logits.whole(), model_.vocabulary_size(), token, *options_.logprobs);
    TokenLogprobs named{token, text(token), all.chosen, {}};
    for (const auto & [one, logprob] : all.top) named.top.push_back({one, text(one), logprob});
    return named;
}

std::optional<FinishReason> Generation::commit(const Choice & choice, const LogitRow & logits,
                                               std::optional<draft::Source> source) {
    std::optional<TokenLogprobs> logprobs;
    if (options_.logprobs) logprobs = logprobs_of(choice.token, logits);
    sampler_.accept(choice.token);
    metrics_.reasoning_tokens = sampler_.reasoning_tokens();
    if (logprobs) logprobs_.push_back(std::move(*logprobs));
    if (metrics_.output_tokens++ == 0) metrics_.time_to_first_token_ms = watch_.milliseconds();
    if (choice.distance < near_tie_) ++metrics_.near_ties;
    tokens_.push_back(choice.token);
    margins_.push_back(choice.margin);

    const bool end = llama_vocab_is_eog(model_.vocab(), choice.token);
    if (!add_text(choice.token, end, source)) return FinishReason::stop;
    if (end && options_.recorded.empty()) return FinishReason::end;
    if (metrics_.output_tokens >= options_.max_tokens) return FinishReason::length;
    return std::nullopt;
}

bool Generation::add_text(Token token, bool end, std::optional<draft::Source> source) {
    // What a grammar wants the text to hold is shown, control tokens too.
    // So are those that tell a reply's parts.
    const auto & reply = options_.sampler.reply;
    const bool tells =
        reply && std::find(reply->preserved.begin(), reply->preserved.end(), token) != reply->preserved.end();
    const bool special = options_.special || tells || (sampler_.follows_grammar() && !end);
    piece_.clear();
    if (!end || special) model_.vocabulary().append_piece(token, special, piece_);
    if (!piece_.empty()) return text_.push(piece_, source);
    if (!text_.finds_hidden()) return true;
    model_.vocabulary().append_piece(token, true, piece_);
    return text_.push_hidden(piece_);
}

void Generation::flush(bool always) {
    const double now = watch_.milliseconds();
    if (!always && now - flushed_ms_ < chunk_interval_ms) return;
    std::vector<Segment> segments = text_.take();
    if (tokens_.empty() && segments.empty()) return;
    flushed_ms_ = now;
    metrics_.total_ms = now;
    Chunk chunk{std::move(segments), std::move(tokens_), std::move(margins_), std::move(logprobs_), metrics_};
    tokens_.clear();
    margins_.clear();
    logprobs_.clear();
    listener_.on_chunk(std::move(chunk));
}

void Generation::finish(FinishReason reason) {
    if (text_.stop().empty()) text_.finish();
    flush(true);
    metrics_.total_ms = watch_.milliseconds();
    listener_.on_done({reason, text_.stop(), metrics_});
}

void Generation::fail(const Error & error) noexcept {
    try {
        if (text_.stop().empty()) text_.finish();
        flush(true);
    } catch (...) { // The first failure is the one to tell.
    }
    try {
        listener_.on_error(error);
    } catch (...) { // Nobody is left to tell.
    }
}

} // namespace reprise
