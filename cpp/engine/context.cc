#include "engine/context.h"

#include <algorithm>
#include <limits>

#include "engine/error.h"
#include "engine/host_memory.h"
#include "engine/llama_log.h"
#include "ggml-cpu.h"

namespace reprise {

namespace {

constexpr int chain_rollback = 8;              // snapshots of a recurrent state, each as large as the state
constexpr int default_sequences = 64;          // forks, and the leaves of their trees
constexpr int default_recurrent_sequences = 8; // each sequence has a whole state
constexpr int most_output_rows = 320;

std::string megabytes(double bytes) {
    return std::to_string(static_cast<int64_t>(bytes / (1024 * 1024))) + " MiB";
}

void require_memory_for_cache(const Model & model, const ContextOptions & options) {
    if (llama_supports_gpu_offload())
        return; // the cache may live on a device: llama.cpp's allocation decides
    const double needed =
        model.cache_bytes_per_token(options.key_type, options.value_type) * options.context_length;
    const double available = available_host_memory();
    if (available > 0 && needed > 0.9 * available)
        throw Error("OUT_OF_MEMORY",
                    "A contextLength of " + std::to_string(options.context_length) + " tokens needs about " +
                        megabytes(needed) + " of cache, but " + megabytes(available) +
                        " are available; lower contextLength or choose a smaller keyType and "
                        "valueType");
}

} // namespace

void Context::Free::operator()(ggml_threadpool * pool) const {
    ggml_threadpool_free(pool);
}

Context::Context(std::shared_ptr<Model> model, const ContextOptions & options,
                 std::function<bool()> should_abort)
    : model_(std::move(model)), options_(options), should_abort_(std::move(should_abort)) {
    const bool recurrent =
        model_->memory() == MemoryKind::recurrent || model_->memory() == MemoryKind::hybrid;
    if (options_.max_sequences == 0)
        options_.max_sequences = recurrent ? default_recurrent_sequences : default_sequences;
    options_.micro_batch_size = std::min(options_.micro_batch_size, options_.batch_size);
    most_outputs_ = std::min(options_.micro_batch_size, most_output_rows);
    require_memory_for_cache(*model_, options_);

    llama_context_params params = llama_context_default_params();
    params.n_ctx = options_.context_length;
    params.n_batch = options_.batch_size;
    params.n_ubatch = options_.micro_batch_size;
    params.n_seq_max = options_.max_sequences;
    params.n_rs_seq = recurrent && model_->draft_shape() == DraftShape::chain ? chain_rollback : 0;
    // llama.cpp reserves a row for every sequence and stops the process where that is more than this.
    params.n_outputs_max = std::max(most_outputs_, options_.max_sequences);
    params.n_threads = options_.threads;
    params.n_threads_batch = options_.threads;
    params.flash_attn_type = options_.flash_attention;
    params.type_k = options_.key_type;
    params.type_v = options_.value_type;
    params.swa_full = options_.full_sliding_window;
    params.kv_unified = true;
    params.no_perf = true;
    params.abort_callback = [](void * data) noexcept {
        // Keys that an abort left half turned would be turned again.
        const Context * const context = static_cast<Context *>(data);
        return !context->cells_moved_ && context->should_abort_();
    };
    params.abort_callback_data = this;

    LogCapture log;
    context_.reset(llama_init_from_model(model_->handle(), params));
    if (!context_) {
        const std::string reason = log.reason();
        const bool memory = reason.find("alloc") != std::string::npos;
        throw Error(memory ? "OUT_OF_MEMORY" : "MODEL_INVALID",
                    "llama.cpp could not make a context of " + std::to_string(options_.context_length) +
                        " tokens: " + (reason.empty() ? "no reason given" : reason));
    }
    most_rollback_ =
        recurrent ? static_cast<int>(llama_n_rs_seq(context_.get())) : std::numeric_limits<int>::max();

    // A cache as large as the others' keeps what the window hides only with our patch of llama.cpp.
#ifdef LLAMA_SWA_FULL_KEEPS_CELLS
    const bool keeps_cells = options_.full_sliding_window;
#else
    const bool keeps_cells = false;
#endif
    const int window = keeps_cells ? 0 : llama_model_n_swa(model_->handle());
    lossy_window_ = model_->memory() == MemoryKind::sliding_window ? window : 0;
    can_move_cells_ = window == 0 && llama_memory_can_shift(memory());

    ggml_threadpool_params pool_params = ggml_threadpool_params_default(options_.threads);
    pool_.reset(ggml_threadpool_new(&pool_params));
    if (!pool_) throw Error("OUT_OF_MEMORY", "The decode threads could not be started; lower threads");
    llama_attach_threadpool(context_.get(), pool_.get(), pool_.get());

    for (llama_seq_id id = options_.max_sequences - 1; id >= 0; --id) free_sequences_.push_back(id);
}

Context::~Context() {
    if (context_) llama_detach_threadpool(context_.get());
}

DecodeStatus Context::decode(Batch & batch) {
    LogCapture log;
    const int status = llama_decode(context_.get(), batch.view());
    if (status != -1) cells_moved_ = false; // -1: the batch was refused before the keys' turn
    switch (status) {
    case 0:
        return DecodeStatus::done;
    case 1:
        return DecodeStatus::no_room;
    case 2:
        return DecodeStatus::aborted;
    default:
        throw Error("DECODE_FAILED", "llama_decode returned " + std::to_string(status) + ": " + log.reason());
    }
}

void Context::move_cells(llama_seq_id sequence, int from, int count) {
    llama_memory_seq_add(memory(), sequence, from, -1, count);
    cells_moved_ = true;
}

llama_seq_id Context::acquire_sequence() {
    if (free_sequences_.empty()) return -1;
    const llama_seq_id id = free_sequences_.back();
    free_sequences_.pop_back();
    return id;
}

void Context::release_sequence(llama_seq_id sequence) {
    llama_memory_seq_rm(memory(), sequence, -1, -1);
    free_sequences_.push_back(sequence);
}

} // namespace reprise
