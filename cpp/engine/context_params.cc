#include "engine/context_params.h"

#include <algorithm>
#include <string>

#include "draft/pass_cost.h"
#include "engine/head_logits.h"
#include "engine/llama_log.h"

namespace reprise {

namespace {

/// Snapshots of a recurrent state, which a chain of so many drafts can be rolled back to. Each is as large as
/// the state.
constexpr int chain_rollback = 8;
/// Forks and the leaves of their trees: twice the leaves of the largest tree. An id costs some bytes of each
/// cell.
constexpr int default_sequences = 64;
/// Where each sequence has a whole recurrent state.
constexpr int default_recurrent_sequences = 8;
/// Logits stay on a device from this vocabulary on, unless a user insists. The best blocks of a row are 5 KB;
/// a row of a smaller vocabulary has not much more, and is copied as well where a sampler needs all of it.
constexpr int min_device_logits_vocabulary = 16'384;

} // namespace

ContextParams context_params(ContextOptions options, const ContextModel & model) {
    if (options.device_logits == DeviceLogits::automatic &&
        model.vocabulary_size < min_device_logits_vocabulary)
        options.device_logits = DeviceLogits::off;
    const bool recurrent = has_states(model.cache_kind);
    if (options.max_sequences == 0)
        options.max_sequences = recurrent ? default_recurrent_sequences : default_sequences;
    // llama.cpp takes no larger batches than the context.
    options.batch_size = std::min(options.batch_size, options.context_length);
    options.micro_batch_size = std::min(options.micro_batch_size, options.batch_size);
    // A cache as large as the others' keeps what the window hides only with our patch of llama.cpp.
#ifdef LLAMA_SWA_FULL_KEEPS_CELLS
    const bool keeps_cells = options.full_sliding_window && !recurrent;
#else
    const bool keeps_cells = false;
#endif
    const bool prunes_window = model.window > 0 && !keeps_cells;
    // Where a batch has several micro batches, llama.cpp looks for the cells of all before it computes the
    // first: the later ones take what the earlier still see.
    if (prunes_window) options.batch_size = options.micro_batch_size;
    const int max_outputs = std::min(options.micro_batch_size, options.max_outputs);

    llama_context_params params = llama_context_default_params();
    params.n_ctx = options.context_length;
    params.n_batch = options.batch_size;
    params.n_ubatch = options.micro_batch_size;
    params.n_seq_max = options.max_sequences;
    if (recurrent && model.draft_shape == DraftShape::chain)
        // The last tokens, whose snapshots are kept, are computed in one micro batch and one token more.
        params.n_rs_seq = std::clamp(options.micro_batch_size - 2, 0, chain_rollback);
    // llama.cpp reserves a row for every sequence and stops the process where that is more than this.
    params.n_outputs_max = std::max(max_outputs, options.max_sequences);
    params.n_threads = options.threads;
    params.n_threads_batch = options.threads;
    params.flash_attn_type = options.flash_attention;
    params.type_k = options.key_type;
    params.type_v = options.value_type;
    params.swa_full = options.full_sliding_window;
    params.kv_unified = true;
    params.no_perf = true;
    params.ctx_type = options.type;
    params.ctx_other = options.target;
    HeadLogits::ask_for(params, options.device_logits);
    return {options, max_outputs, prunes_window, params};
}

Error context_not_made(const LogCapture & log, int context_length) {
    const std::string reason = log.reason();
    const bool memory = reason.find("alloc") != std::string::npos;
    return Error(memory ? ErrorCode::out_of_memory : ErrorCode::model_invalid,
                 "llama.cpp could not make a context of " + std::to_string(context_length) +
                     " tokens: " + (reason.empty() ? "no reason given" : reason));
}

} // namespace reprise
