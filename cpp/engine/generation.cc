#include "engine/generation.h"

namespace reprise {

namespace {
// Handing over costs the listener's thread more than a small model's pass; a display shows no more than this.
constexpr double chunk_interval_ms = 8;
} // namespace

Generation::Generation(const Model & model, GenerateOptions options, GenerationListener listener,
                       const std::vector<Token> & history)
    : model_(model), options_(std::move(options)), listener_(std::move(listener)),
      sampler_(model, options_.sampler, options_.tokens ? *options_.tokens : history), text_(options_.stop) {
    if (!options_.recorded.empty()) options_.max_tokens = static_cast<int>(options_.recorded.size());
}

void Generation::report_progress(int done, int total) {
    if (listener_.on_progress) listener_.on_progress(done, total);
}

Choice Generation::choose(const float * logits, const TopLogits & top, int64_t position) {
    Choice choice = sampler_.choose(logits, top, position);
    if (!options_.recorded.empty()) choice.token = options_.recorded[metrics_.output_tokens];
    return choice;
}

std::optional<FinishReason> Generation::commit(const Choice & choice, int source) {
    if (metrics_.output_tokens++ == 0) metrics_.time_to_first_token_ms = watch_.milliseconds();
    if (choice.margin < near_tie_margin) ++metrics_.near_ties;
    tokens_.push_back(choice.token);
    margins_.push_back(choice.margin);
    sampler_.accept(choice.token);

    const bool end = llama_vocab_is_eog(model_.vocab(), choice.token);
    piece_.clear();
    if (!end || options_.special) model_.append_piece(choice.token, options_.special, piece_);
    if (!text_.push(piece_, source)) return FinishReason::stop;
    if (end && options_.recorded.empty()) return FinishReason::end;
    if (metrics_.output_tokens >= options_.max_tokens) return FinishReason::length;
    return std::nullopt;
}

void Generation::flush(bool always) {
    const double now = watch_.milliseconds();
    if (!always && now - flushed_ms_ < chunk_interval_ms) return;
    std::vector<TextRun> segments = text_.take();
    if (tokens_.empty() && segments.empty()) return;
    flushed_ms_ = now;
    metrics_.total_ms = now;
    Chunk chunk{std::move(segments), std::move(tokens_), std::move(margins_), metrics_};
    tokens_.clear();
    margins_.clear();
    listener_.on_chunk(std::move(chunk));
}

void Generation::finish(FinishReason reason) {
    if (text_.stop().empty()) text_.finish();
    flush(true);
    metrics_.total_ms = watch_.milliseconds();
    listener_.on_done({reason, text_.stop(), metrics_});
}

void Generation::fail(const Error & error) {
    listener_.on_error(error);
}

} // namespace reprise
