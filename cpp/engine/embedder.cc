#include "engine/embedder.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <string>

#include "ggml-cpu.h"

#include "engine/assertions.h"
#include "engine/context_options.h"
#include "engine/context_params.h"
#include "engine/error.h"
#include "engine/head_logits.h"
#include "engine/host_memory.h"
#include "engine/kept_context.h"
#include "engine/llama_log.h"
#include "engine/placement.h"
#include "engine/suitability.h"

namespace reprise {

namespace {

/// A pass computes so many tokens at least, where the model reads so many.
constexpr int usual_tokens = 512;
constexpr int most_sequences = 64;
/// Where each sequence has a whole recurrent state.
constexpr int most_recurrent_sequences = 8;

void normalise(std::vector<float> & numbers) {
    double sum = 0;
    for (const float one : numbers) sum += static_cast<double>(one) * one;
    if (sum <= 0) return;
    const double factor = 1 / std::sqrt(sum);
    for (float & one : numbers) one = static_cast<float>(one * factor);
}

void require_numbers(const float * numbers, size_t count) {
    if (std::all_of(numbers, numbers + count, [](float one) { return std::isfinite(one); })) return;
    throw Error(
        ErrorCode::decode_failed,
        "The model computed something that is no number; its file is damaged, or its weights do not suit "
        "the types that it is computed with");
}

} // namespace

void Embedder::Free::operator()(ggml_threadpool * pool) const {
    ggml_threadpool_free(pool);
}

Embedder::~Embedder() {
    drop_context();
}

void Embedder::drop_context() noexcept {
    if (context_) llama_detach_threadpool(context_.get());
    context_.reset();
    pool_.reset();
}

int Embedder::max_length() const {
    int length = llama_model_n_ctx_train(model_->handle());
    if (length <= 0) length = usual_tokens;
    const int positions = learnt_positions(model_->handle());
    return positions > 0 ? std::min(length, positions) : length;
}

std::vector<std::vector<float>> Embedder::embed(std::vector<std::vector<Token>> texts,
                                                const EmbedOptions & options,
                                                const std::atomic<bool> & stop) {
    Pooling pooling = options.pooling;
    if (pooling == LLAMA_POOLING_TYPE_UNSPECIFIED) pooling = pooling_of(model_->handle());
    if (pooling == LLAMA_POOLING_TYPE_NONE) pooling = LLAMA_POOLING_TYPE_MEAN;
    if (pooling == LLAMA_POOLING_TYPE_RANK)
        throw Error(
            ErrorCode::model_invalid,
            "The model ranks documents and makes no embeddings; use rank, pass pooling, or load a model "
            "for embeddings");
    const size_t width = llama_model_n_embd_out(model_->handle());
    std::vector<std::vector<float>> embeddings(texts.size());
    compute(std::move(texts), pooling, options, stop, [&](size_t text, const float * numbers) {
        require_numbers(numbers, width);
        embeddings[text].assign(numbers, numbers + width);
        if (options.normalize) normalise(embeddings[text]);
    });
    return embeddings;
}

std::vector<float> Embedder::rank(std::vector<std::vector<Token>> texts, const EmbedOptions & options,
                                  const std::atomic<bool> & stop) {
    require_ranking(model_->handle());
    std::vector<float> scores(texts.size());
    compute(std::move(texts), LLAMA_POOLING_TYPE_RANK, options, stop,
            [&](size_t text, const float * numbers) {
                require_numbers(numbers, 1);
                scores[text] = numbers[0];
            });
    return scores;
}

void Embedder::compute(std::vector<std::vector<Token>> texts, Pooling pooling, const EmbedOptions & options,
                       const std::atomic<bool> & stop, const Take & take) {
    const std::string fault = embedding_fault(model_->handle());
    if (!fault.empty()) throw Error(ErrorCode::model_invalid, "The model makes no embeddings: " + fault);
    if (stop) throw Error(ErrorCode::aborted, "The embedding was aborted");
    require_fitting(texts, options.truncate);
    if (texts.empty()) return;

    std::unique_lock lock(mutex_, std::defer_lock);
    while (!lock.try_lock_for(std::chrono::milliseconds(10)))
        if (stop || closed_) break;
    struct Stop { // What asks whether to stop must not outlive the call.
        const std::atomic<bool> *& stop;
        ~Stop() { stop = nullptr; }
    };
    if (!lock.owns_lock())
        throw closed_ ? Error(ErrorCode::disposed, "The model was disposed; load it again")
                      : Error(ErrorCode::aborted, "The embedding was aborted");
    const Stop reset{stop_};
    stop_ = &stop;
    require_going_on();
    const WaitForWorkers waiting([this] { return !is_to_end(); });
    size_t longest = 0;
    for (const auto & text : texts) longest = std::max(longest, text.size());
    try {
        prepare(pooling, static_cast<int>(longest), options.threads);
        for (size_t first = 0; first < texts.size();) {
            batch_.clear();
            size_t next = first;
            for (; next < texts.size() && next - first < static_cast<size_t>(sequences_); ++next) {
                if (batch_.size() + static_cast<int>(texts[next].size()) > tokens_) break;
                const auto sequence = static_cast<llama_seq_id>(next - first);
                for (size_t i = 0; i < texts[next].size(); ++i)
                    batch_.add(texts[next][i], static_cast<llama_pos>(i), std::span(&sequence, 1), true);
            }
            decode();
            for (size_t text = first; text < next; ++text) {
                const float * const numbers =
                    llama_get_embeddings_seq(context_.get(), static_cast<llama_seq_id>(text - first));
                if (!numbers) throw Error(ErrorCode::decode_failed, "llama.cpp pooled no embedding");
                take(text, numbers);
            }
            first = next;
        }
    } catch (const AssertionFailed & failed) {
        if (context_) keep_for_good(context_.release());
        model_->workers().require();
        throw Error(ErrorCode::decode_failed,
                    std::string("The texts could not be computed: ") + failed.what());
    }
}

void Embedder::require_fitting(std::vector<std::vector<Token>> & texts, bool truncate) const {
    const auto length = static_cast<size_t>(max_length());
    for (size_t i = 0; i < texts.size(); ++i) {
        if (texts[i].empty())
            throw Error(ErrorCode::prompt_empty,
                        "Text " + std::to_string(i) + " has no tokens; leave it out, or pass some text");
        if (texts[i].size() <= length) continue;
        if (!truncate)
            throw Error(ErrorCode::context_overflow,
                        "Text " + std::to_string(i) + " has " + std::to_string(texts[i].size()) +
                            " tokens, and the model reads " + std::to_string(length) +
                            "; pass a shorter text, or truncate: true");
        shorten(texts[i]);
    }
}

void Embedder::shorten(std::vector<Token> & text) const {
    const Token last = text.back();
    text.resize(max_length());
    // What the tokenizer put at the end is what a model may read a text's meaning from.
    const llama_vocab * const vocab = model_->vocab();
    if (last == llama_vocab_eos(vocab) || last == llama_vocab_sep(vocab)) text.back() = last;
}

void Embedder::prepare(Pooling pooling, int tokens, int threads) {
    if (context_ && pooling == pooling_ && tokens <= tokens_ && threads == threads_) return;
    const auto rounded = static_cast<int>(std::bit_ceil(static_cast<unsigned>(tokens)));
    // A text may come to more than is usual, and the next one is likely to.
    const int wanted = std::max({usual_tokens, rounded, context_ ? tokens_ : 0});
    drop_context();
    make(pooling, std::max(tokens, std::min(wanted, max_length())), threads);
}

void Embedder::make(Pooling pooling, int tokens, int threads) {
    llama_model * const model = model_->handle();
    const bool one_by_one = pooling == LLAMA_POOLING_TYPE_RANK && !scores_many(model);
    sequences_ = std::min(has_states(model_->cache_kind()) ? most_recurrent_sequences : most_sequences,
                          one_by_one ? 1 : tokens);
    ContextOptions room;
    room.context_length = tokens;
    room.micro_batch_size = tokens;
    require_memory_for_context(model, room);
    // llama.cpp computes and copies the logits of all rows, too, where the model has an output layer.
    if (gives_tokens(model))
        require_memory_for_tokens(tokens, 2.0 * sizeof(float) * model_->vocabulary_size());

    llama_context_params params = llama_context_default_params();
    params.n_ctx = tokens;
    // A text's rows are pooled in one micro batch.
    params.n_batch = params.n_ubatch = tokens;
    params.n_seq_max = sequences_;
    params.n_threads = params.n_threads_batch = threads;
    params.embeddings = true;
    params.pooling_type = pooling;
    params.kv_unified = true;
    params.no_perf = true;
    HeadLogits::ask_for(params, DeviceLogits::off);
    params.abort_callback = [](void * data) noexcept {
        return static_cast<const Embedder *>(data)->is_to_end();
    };
    params.abort_callback_data = this;

    LogCapture log;
    context_.reset(with_assertions(ErrorCode::model_invalid, "llama.cpp could not make a context",
                                   [&] { return llama_init_from_model(model, params); }));
    model_->workers().require();
    if (!context_) throw context_not_made(log, tokens);
    ggml_threadpool_params pool_params = ggml_threadpool_params_default(threads);
    pool_.reset(ggml_threadpool_new(&pool_params));
    if (!pool_) {
        context_.reset();
        throw Error(ErrorCode::out_of_memory, "The threads could not be started; lower threads");
    }
    llama_attach_threadpool(context_.get(), pool_.get(), pool_.get());
    pooling_ = pooling;
    tokens_ = tokens;
    threads_ = threads;
}

void Embedder::decode() {
    require_going_on();
    LogCapture log;
    if (llama_memory_t memory = llama_get_memory(context_.get())) llama_memory_clear(memory, true);
    const int status = llama_decode(context_.get(), batch_.view());
    if (status == 0) llama_synchronize(context_.get());
    model_->workers().require();
    if (status == 2) require_going_on();
    if (status != 0)
        throw Error(ErrorCode::decode_failed,
                    "llama_decode returned " + std::to_string(status) + ": " + log.reason());
}

void Embedder::require_going_on() const {
    if (closed_) throw Error(ErrorCode::disposed, "The model was disposed; load it again");
    if (is_to_end()) throw Error(ErrorCode::aborted, "The embedding was aborted");
}

} // namespace reprise
