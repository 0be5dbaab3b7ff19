#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/batch.h"
#include "engine/context_options.h"
#include "engine/head_logits.h"
#include "engine/logits.h"
#include "engine/model.h"
#include "engine/placement.h"

struct ggml_threadpool;

namespace reprise {

enum class DecodeStatus { done, no_room, aborted };

/// A llama_context with its thread pool and its sequence ids. Used by one thread at a time.
class Context {
public:
    /// `should_abort` is asked while a batch is computed. Throws Error OUT_OF_MEMORY, MODEL_INVALID,
    /// OPTION_INVALID. It computes with the threads of `pool`, of which there are as many as `options` says
    /// at least, or with its own where there is none.
    Context(std::shared_ptr<Model> model, ContextOptions options, std::function<bool()> should_abort,
            std::shared_ptr<ggml_threadpool> pool = nullptr);
    ~Context();
    Context(const Context &) = delete;
    Context & operator=(const Context &) = delete;

    const Model & model() const { return *model_; }
    Model & model() { return *model_; }
    /// Throws once the context is given up, as `require_usable`.
    llama_context * handle() const;
    /// A null pointer once the context is given up, with which llama.cpp's functions do nothing.
    llama_memory_t cache() const { return given_up_.empty() ? llama_get_memory(context_.get()) : nullptr; }
    /// Ends the context's use for good, since an assertion failed in the middle of its work: it may be in any
    /// state. `reason` is what every later call says.
    void give_up(const std::string & reason) noexcept;
    /// Throws Error once the context is given up: DECODE_FAILED, or WORKER_UNAVAILABLE.
    void require_usable() const;
    /// Gives the context up and throws where a worker was lost. Before anything is taken from the context
    /// that was computed or read since.
    void require_workers();
    /// Waits until all that was decoded is there. Throws as `require_workers`.
    void synchronize();
    const ContextOptions & options() const { return options_; }
    /// Its threads, for another context that computes while this one does not.
    std::shared_ptr<ggml_threadpool> pool() const { return pool_; }
    /// Identifies the weights and the adapters that it computes with.
    uint64_t fingerprint() const;
    /// What its own cache is: the model's, or of attention alone where it computes layers for MTP.
    CacheKind cache_kind() const {
        return options_.type == LLAMA_CONTEXT_TYPE_MTP && has_states(model_->cache_kind())
                   ? CacheKind::full
                   : model_->cache_kind();
    }
    /// So many numbers each row has beside its token; 0 but for draft heads.
    int input_width() const { return options_.input_width; }

    /// The longest chain whose rejected end can be undone. Recurrent states alone limit it.
    int max_rollback() const { return max_rollback_; }
    /// So many tokens a row of a sliding-window layer sees, itself included; 0 where every layer sees all.
    /// That layer's cache may have lost the cells before them.
    int window() const { return window_; }
    /// Whether that cache is smaller than the others and lives on cells that it gives away.
    bool prunes_window() const { return prunes_window_; }
    /// Whether a sequence can share another's cells and be given up in the middle of a pass, with no harm to
    /// any.
    bool may_branch() const { return model_->draft_shape() == DraftShape::tree && !prunes_window_; }
    /// Whether the cells of every layer's cache can be moved to other positions.
    bool can_move_cells() const { return can_move_cells_; }
    /// Moves a sequence's cells from position `from` on by `count`: the keys are turned by the next decode.
    void move_cells(llama_seq_id sequence, int from, int count);
    /// Whether cells have moved whose keys are yet to be turned.
    bool cells_moved() const { return cells_moved_; }
    /// A number that no sequence's cells had before; see Sequence.
    int new_lineage() { return ++lineages_; }
    /// One pass can give the logits of so many rows at most.
    int max_outputs() const { return max_outputs_; }
    /// From the next pass on so many threads compute; at most `options().threads`.
    void use_threads(int threads);
    /// Threads that compute a pass; 0 where a device may, and what the threads do says nothing of its time.
    int computing_threads() const { return model_->has_devices() ? 0 : threads_; }
    DeviceFeatures device_features() const;

    /// Computes the batch. Throws Error DECODE_FAILED for what cannot be retried.
    DecodeStatus decode(Batch & batch);
    /// The logits of the last batch that was computed.
    Logits & logits() { return *logits_; }
    /// Whether kernels of our own find where the logits are what draws need. It is known after the first
    /// pass.
    bool scans_logits_on_device() const { return head_logits_ && head_logits_->has_scanner(); }

    /// A sequence id nobody uses, or -1.
    llama_seq_id acquire_sequence();
    void release_sequence(llama_seq_id sequence);
    int free_sequences() const { return static_cast<int>(free_sequences_.size()); }

private:
    /// A row of llama.cpp's own copy. Throws Error DECODE_FAILED.
    const float * host_row(int row) const;

    struct Free {
        void operator()(llama_context * context) const { llama_free(context); }
    };

    void note_lost_worker();
    /// Whether the batch that is computed is to end; asked before each micro batch, and on processors
    /// oftener.
    bool is_to_abort() const noexcept;

    std::shared_ptr<Model> model_;
    ContextOptions options_;
    std::function<bool()> should_abort_;
    int max_rollback_;
    int max_outputs_;
    int window_;
    bool prunes_window_;
    bool can_move_cells_;
    bool cells_moved_ = false;
    int lineages_ = 0;
    bool is_on_one_worker_ = false; ///< The model's only device is another machine's.
    bool waits_for_worker_ = false; ///< In the batch that is computed, before each micro batch.
    int threads_;                   ///< So many compute now.
    std::string given_up_; ///< What every call says since the context was given up; empty while it is in use.
    ErrorCode given_up_code_ = ErrorCode::decode_failed;
    bool state_unknown_ = false; ///< An assertion failed in the middle of its work.
    std::vector<llama_seq_id> free_sequences_;
    // The context must go before the pool that it computes with.
    std::shared_ptr<ggml_threadpool> pool_;
    std::unique_ptr<llama_context, Free> context_;
    HostLogits host_logits_;
    std::optional<HeadLogits> head_logits_;
    Logits * logits_ = &host_logits_; ///< those of the two that have the last batch's
};

} // namespace reprise
