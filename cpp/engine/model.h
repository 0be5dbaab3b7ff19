#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "draft/acceptance.h"
#include "draft/pass_cost.h"
#include "draft/token.h"
#include "engine/draft_memory.h"
#include "engine/vocabulary.h"
#include "llama.h"

namespace reprise {

struct ModelOptions {
    int gpu_layers = -1; ///< -1: all
    bool mmap = true;
    bool mlock = false;
    bool check_tensors = false;
    bool vocab_only = false;
    std::string memory; ///< Path of the file that earlier conversations are kept in; empty for none.
    int memory_tokens = 0;
};

/// What the memory of a model can roll back decides which drafts a verify pass can take.
enum class MemoryKind { full, sliding_window, recurrent, hybrid };
enum class DraftShape { tree, chain, off };

/// A loaded GGUF model: weights, vocabulary and facts. Immutable but for what its sessions learnt about it,
/// and shared by them; they keep it alive.
class Model {
public:
    /// Gets the share done, 0…1; returning false ends the load with code ABORTED.
    using Progress = std::function<bool(float)>;

    /// Blocks until the model is loaded. Throws Error: MODEL_NOT_FOUND, MODEL_INVALID, MODEL_VOCAB_ONLY,
    /// OUT_OF_MEMORY, ABORTED, STATE_IO and STATE_MISMATCH.
    static std::shared_ptr<Model> load(const std::string & path, const ModelOptions &, Progress);

    llama_model * handle() const { return model_.get(); }
    const llama_vocab * vocab() const { return vocab_; }
    bool vocab_only() const { return vocab_only_; }

    MemoryKind memory() const { return memory_; }
    DraftShape draft_shape() const { return shape_; }
    const std::string & draft_reason() const { return shape_reason_; }

    int vocabulary_size() const { return vocabulary_.size(); }
    std::string description() const;
    std::map<std::string, std::string> metadata() const;
    std::vector<Token> end_tokens() const;
    /// Identifies weights and vocabulary well enough that a state of one model is never read into another.
    uint64_t fingerprint() const { return fingerprint_; }

    const Vocabulary & vocabulary() const { return vocabulary_; }
    /// The BOS token where a context begins with one, else -1.
    Token first_token() const { return llama_vocab_get_add_bos(vocab_) ? llama_vocab_bos(vocab_) : -1; }

    /// Bytes that one token of context takes in the KV cache.
    double cache_bytes_per_token(ggml_type key, ggml_type value) const;

    /// The cost table outlives a context: contexts start from it and hand back what they measured.
    draft::PassCost pass_cost(int threads) const;
    void keep_pass_cost(int threads, const draft::PassCost &);

    /// So does what sessions learnt about acceptance: a new one starts from it.
    draft::Acceptance::Shifts shifts() const;
    /// Takes over what a generation that began with `before` ended with. Of sessions that learnt the same
    /// kind at the same time the last to end prevails: each shift is already a mean over some fifty outcomes,
    /// and adding them up would overshoot. Kinds that the generation learnt nothing of stay as they are.
    void keep_shifts(const draft::Acceptance::Shifts & before, const draft::Acceptance::Shifts & after);

    /// And so do the candidates that verification ranked highest.
    draft::Recycling recycling() const;
    /// Takes over those after `tokens`, which a generation has learnt; it may know the others from before
    /// another session learnt them anew.
    void keep_recycling(const draft::Recycling &, std::span<const Token> tokens);

    /// What ended sessions said, where that was asked for, else a null pointer.
    DraftMemory * memory_of_sessions() const { return draft_memory_.get(); }

private:
    struct Free {
        void operator()(llama_model * model) const { llama_model_free(model); }
    };

    static std::shared_ptr<Model> load_from(const std::string & path, const ModelOptions &, Progress);
    Model(llama_model * model, bool vocab_only);
    VocabularyId vocabulary_id() const;

    std::unique_ptr<llama_model, Free> model_;
    const llama_vocab * vocab_;
    bool vocab_only_;
    Vocabulary vocabulary_;
    MemoryKind memory_ = MemoryKind::full;
    DraftShape shape_ = DraftShape::tree;
    std::string shape_reason_;
    uint64_t fingerprint_ = 0;

    std::unique_ptr<DraftMemory> draft_memory_;

    mutable std::mutex learnt_mutex_;
    std::map<int, draft::PassCost> cost_by_threads_;
    draft::Acceptance::Shifts shifts_{};
    draft::Recycling recycling_;
};

} // namespace reprise
