#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/batch.h"
#include "engine/model.h"
#include "engine/pooling.h"

struct ggml_threadpool;

namespace reprise {

struct EmbedOptions {
    /// How the numbers of a text's tokens become those of the text; unspecified for the model's own way, or
    /// the mean where it has none.
    Pooling pooling = LLAMA_POOLING_TYPE_UNSPECIFIED;
    bool normalize = true; ///< whether the numbers' squares add up to 1
    bool truncate = false; ///< whether of a text that is too long its beginning is read
    int threads = 1;
};

/// Turns texts into numbers, in a context of its own that is made when it is first needed, and again where a
/// longer text or another way of pooling needs another one. Many texts are computed in one pass. Calls from
/// any threads wait for each other.
class Embedder {
public:
    explicit Embedder(std::shared_ptr<Model> model) : model_(std::move(model)) {}
    ~Embedder();
    Embedder(const Embedder &) = delete;
    Embedder & operator=(const Embedder &) = delete;

    const Model & model() const { return *model_; }

    /// The embedding of each text, of its tokens and what the model wants around them. Where `stop` becomes
    /// true, it throws Error ABORTED. Throws Error MODEL_INVALID (the model makes no embeddings, or ranks and
    /// `pooling` does not say otherwise), CONTEXT_OVERFLOW, PROMPT_EMPTY, OUT_OF_MEMORY, DECODE_FAILED,
    /// WORKER_UNAVAILABLE, DISPOSED.
    std::vector<std::vector<float>> embed(std::vector<std::vector<Token>> texts, const EmbedOptions & options,
                                          const std::atomic<bool> & stop);
    /// The score of each text, a query with a document, by a model that ranks. Throws as embed().
    std::vector<float> rank(std::vector<std::vector<Token>> texts, const EmbedOptions & options,
                            const std::atomic<bool> & stop);
    /// Ends what is under way: it throws Error DISPOSED, as every later call does.
    void close() { closed_ = true; }

    /// The longest text, in tokens.
    int max_length() const;

private:
    struct Free {
        void operator()(llama_context * context) const { llama_free(context); }
        void operator()(ggml_threadpool * pool) const;
    };
    using Take = std::function<void(size_t text, const float * numbers)>;

    /// Computes all texts and hands over what was pooled of each.
    void compute(std::vector<std::vector<Token>> texts, Pooling pooling, const EmbedOptions & options,
                 const std::atomic<bool> & stop, const Take & take);
    void require_fitting(std::vector<std::vector<Token>> & texts, bool truncate) const;
    void shorten(std::vector<Token> & text) const;
    /// Makes the context, unless there is one that does.
    void prepare(Pooling pooling, int tokens, int threads);
    void make(Pooling pooling, int tokens, int threads);
    /// Computes the batch, whose sequences are numbered from 0 on.
    void decode();
    void drop_context() noexcept;
    bool is_to_end() const { return closed_ || (stop_ && *stop_); }
    /// Throws Error ABORTED or DISPOSED where it is to end.
    void require_going_on() const;

    std::shared_ptr<Model> model_;
    std::atomic<bool> closed_ = false;
    std::timed_mutex mutex_;
    // What follows belongs to the call that holds the mutex.
    const std::atomic<bool> * stop_ = nullptr;
    Pooling pooling_ = LLAMA_POOLING_TYPE_UNSPECIFIED;
    int tokens_ = 0; ///< of a pass
    int sequences_ = 0;
    int threads_ = 0;
    Batch batch_;
    // The context must go before the pool that it computes with.
    std::unique_ptr<ggml_threadpool, Free> pool_;
    std::unique_ptr<llama_context, Free> context_;
};

} // namespace reprise
