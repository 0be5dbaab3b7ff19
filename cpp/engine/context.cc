#include "engine/context.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "ggml-cpu.h"
#include "llama-ext.h" // llama.cpp's internal header, of the pinned commit

#include "engine/assertions.h"
#include "engine/context_params.h"
#include "engine/devices.h"
#include "engine/error.h"
#include "engine/kept_context.h"
#include "engine/llama_log.h"
#include "engine/placement.h"
#include "engine/suitability.h"

namespace reprise {

namespace {

/// Waits until the worker has done all that it was sent: it answers in order.
void wait_for(ggml_backend_dev_t worker) noexcept {
    size_t free = 0;
    size_t total = 0;
    try {
        ggml_backend_dev_memory(worker, &free, &total);
    } catch (...) { // Who asks for the results learns that it is lost.
    }
}

/// Lets the rows of a batch see those behind them, as long as it lives, also where the batch throws.
class SeesAll {
public:
    SeesAll(llama_context * context, bool wanted) : context_(wanted ? context : nullptr) {
        if (context_) llama_set_causal_attn(context_, false);
    }
    ~SeesAll() {
        if (context_) llama_set_causal_attn(context_, true);
    }
    SeesAll(const SeesAll &) = delete;
    SeesAll & operator=(const SeesAll &) = delete;

private:
    llama_context * context_;
};

std::shared_ptr<ggml_threadpool> start_threads(int count) {
    ggml_threadpool_params params = ggml_threadpool_params_default(count);
    ggml_threadpool * const pool = ggml_threadpool_new(&params);
    if (!pool)
        throw Error(ErrorCode::out_of_memory, "The decode threads could not be started; lower threads");
    return {pool, ggml_threadpool_free};
}

} // namespace

Context::Context(std::shared_ptr<Model> model, ContextOptions options, std::function<bool()> should_abort,
                 std::shared_ptr<ggml_threadpool> pool)
    : model_(std::move(model)), should_abort_(std::move(should_abort)), pool_(std::move(pool)),
      host_logits_(model_->vocabulary_size(), [this](int row) { return host_row(row); }) {
    const int window = llama_model_n_swa(model_->handle());
    options_.type = options.type; // cache_kind() asks.
    ContextParams made =
        context_params(options, {cache_kind(), model_->draft_shape(), window, model_->vocabulary_size()});
    options_ = made.options;
    max_outputs_ = made.max_outputs;
    prunes_window_ = made.prunes_window;
    window_ = cache_kind() == CacheKind::sliding_window ? window : 0;
    require_suitable(model_->handle(), options_);
    require_memory_for_context(model_->handle(), options_);

    llama_context_params & params = made.llama;
    params.abort_callback = [](void * data) noexcept {
        return static_cast<const Context *>(data)->is_to_abort();
    };
    params.abort_callback_data = this;

    LogCapture log;
    context_.reset(with_assertions(ErrorCode::model_invalid, "llama.cpp could not make a context",
                                   [&] { return llama_init_from_model(model_->handle(), params); }));
    require_workers();
    if (!context_) throw context_not_made(log, options_.context_length);
    apply_adapters(context_.get(), model_->adapters(), options_.adapters);
    is_on_one_worker_ = llama_model_n_devices(model_->handle()) == 1 &&
                        is_remote(llama_model_get_device(model_->handle(), 0));
    if (!gives_logits(context_.get()))
        throw Error(ErrorCode::model_invalid, "The model cannot generate: it has no output layer");
    if (HeadLogits::has(context_.get()))
        head_logits_.emplace(context_.get(), model_->vocabulary_size(), options_.make_row_scanner,
                             [this] { require_workers(); });
    else if (options_.device_logits == DeviceLogits::on)
        throw Error(ErrorCode::option_invalid,
                    "Expected 'auto' or 'off' for deviceLogits but received 'on': " +
                        HeadLogits::reason_for_none(model_->vocabulary_size()));
    max_rollback_ = has_states(cache_kind()) ? static_cast<int>(llama_n_rs_seq(context_.get()))
                                             : std::numeric_limits<int>::max();

    // Drafts decide what a pruned cache has lost, and so would what a shift leaves.
    can_move_cells_ = !prunes_window_ && llama_memory_can_shift(cache()) &&
                      keys_can_turn(model_->handle(), options_.key_type);

    threads_ = options_.threads;
    if (!pool_) pool_ = start_threads(options_.threads);
    llama_attach_threadpool(context_.get(), pool_.get(), pool_.get());

    for (llama_seq_id id = options_.max_sequences - 1; id >= 0; --id) free_sequences_.push_back(id);
}

Context::~Context() {
    if (!context_) return;
    if (state_unknown_)
        keep_for_good(context_.release());
    else
        llama_detach_threadpool(context_.get());
}

void Context::give_up(const std::string & reason) noexcept {
    state_unknown_ = true;
    if (!given_up_.empty()) return;
    try {
        note_lost_worker();
        if (!given_up_.empty()) return;
        given_up_ = "The session and its forks were given up, since an assertion of llama.cpp failed: " +
                    (reason.empty() ? "it gave no message" : reason) + "; create another session";
    } catch (...) {
        given_up_ = "failed"; // short enough to need no memory
    }
}

void Context::require_usable() const {
    if (!given_up_.empty()) throw Error(given_up_code_, given_up_);
}

void Context::note_lost_worker() {
    const std::string loss = model_->workers().loss();
    if (loss.empty() || !given_up_.empty()) return;
    given_up_ = loss +
                "; the weights and caches there are gone, so all sessions of the model are given up. Their "
                "histories remain: load the model again with workers that run";
    given_up_code_ = ErrorCode::worker_unavailable;
}

void Context::require_workers() {
    note_lost_worker();
    if (given_up_code_ == ErrorCode::worker_unavailable) require_usable();
}

void Context::synchronize() {
    llama_synchronize(handle());
    require_workers();
}

llama_context * Context::handle() const {
    require_usable();
    return context_.get();
}

uint64_t Context::fingerprint() const {
    return fingerprint_with(model_->fingerprint(), model_->adapters(), options_.adapters);
}

DeviceFeatures Context::device_features() const {
    const char * const disabled = std::getenv("LLAMA_GRAPH_REUSE_DISABLE"); // llama.cpp's own switch
    return {.graph_reuse = !disabled || std::atoi(disabled) == 0,
            .device_logits = head_logits_.has_value(),
            .cuda_kernels = scans_logits_on_device()};
}

bool Context::is_to_abort() const noexcept {
    // Keys that an abort left half turned would be turned again.
    if (cells_moved_) return false;
    if (waits_for_worker_) wait_for(llama_model_get_device(model_->handle(), 0));
    return should_abort_();
}

DecodeStatus Context::decode(Batch & batch) {
    LogCapture log;
    // What is sent to a worker waits there, so llama.cpp would ask whether to go on long before it is
    // computed. With several devices it waits itself, for what it brings from one to the next.
    waits_for_worker_ = batch.size() > options_.micro_batch_size && is_on_one_worker_;
    const int status = [&] {
        const SeesAll sees_all(handle(), !batch.causal());
        return llama_decode(handle(), batch.view());
    }();
    require_workers();
    if (status != -1) cells_moved_ = false; // -1: the batch was refused before the keys' turn
    switch (status) {
    case 0:
        logits_ = &host_logits_;
        if (head_logits_ && head_logits_->take_pass()) logits_ = &*head_logits_;
        return DecodeStatus::done;
    case 1:
        return DecodeStatus::no_room;
    case 2:
        return DecodeStatus::aborted;
    default:
        throw Error(ErrorCode::decode_failed,
                    "llama_decode returned " + std::to_string(status) + ": " + log.reason());
    }
}

void Context::use_threads(int threads) {
    if (threads == threads_) return;
    llama_set_n_threads(handle(), threads, threads);
    threads_ = threads;
}

void Context::move_cells(llama_seq_id sequence, int from, int count) {
    llama_memory_seq_add(cache(), sequence, from, -1, count);
    cells_moved_ = true;
}

const float * Context::host_row(int row) const {
    const float * const logits = llama_get_logits_ith(context_.get(), row);
    if (!logits)
        throw Error(ErrorCode::decode_failed, "llama.cpp computed no logits for row " + std::to_string(row) +
                                                  "; the model may have no output layer");
    return logits;
}

llama_seq_id Context::acquire_sequence() {
    if (free_sequences_.empty()) return -1;
    const llama_seq_id id = free_sequences_.back();
    free_sequences_.pop_back();
    return id;
}

void Context::release_sequence(llama_seq_id sequence) {
    try {
        llama_memory_seq_rm(cache(), sequence, -1, -1);
    } catch (const AssertionFailed & failed) { // destructors call this
        give_up(failed.what());
    }
    free_sequences_.push_back(sequence);
}

} // namespace reprise
