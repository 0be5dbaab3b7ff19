#pragma once

#include <memory>
#include <vector>

#include "llama.h"

#include "device/cuda_row_scanner.h"
#include "draft/document.h"
#include "draft/pass_cost.h"
#include "engine/adapters.h"

namespace reprise {

class Model;

/// Whether logits stay on the device that computes them. `automatic`: where that is a GPU.
enum class DeviceLogits { off, automatic, on };

/// Makes a scanner of rows that lie at an address, or nothing where it cannot read them.
using MakeRowScanner = std::unique_ptr<device::RowScanner> (*)(const float * logits);

/// How a context is made.
struct ContextOptions {
    int context_length = 4096;                   ///< The tokens that all members of the family have together.
    int batch_size = 2048;                       ///< The most rows of one llama_decode.
    int micro_batch_size = 512;                  ///< llama.cpp computes so many rows of a batch at once.
    int max_outputs = draft::PassCost::max_rows; ///< One pass gives the logits of so many rows at most.
    int threads = 2;
    llama_flash_attn_type flash_attention = LLAMA_FLASH_ATTN_TYPE_AUTO;
    DeviceLogits device_logits = DeviceLogits::automatic;
    /// What scans rows that stay on a device. Tests have one that scans host memory.
    MakeRowScanner make_row_scanner = device::cuda_row_scanner;
    ggml_type key_type = GGML_TYPE_F16;
    ggml_type value_type = GGML_TYPE_F16;
    bool full_sliding_window = true;
    bool shift_on_overflow = false;
    int reference_tokens = 1 << 20; ///< Beyond so many tokens of references the oldest are forgotten.
    /// Forks and leaves of trees together. 0 stands for as many as the kind of cache makes sensible.
    int max_sequences = 0;
    std::vector<AppliedAdapter> adapters{}; ///< of those that the model has
    /// What drafts for this model, or a null pointer, and the threads that compute it: a smaller model, a
    /// draft head, or the model itself with layers of its own for that (`DraftKind`).
    std::shared_ptr<Model> draft_model = nullptr;
    int draft_threads = 1;
    /// Of a draft head's own context: which of the model's layers it computes, and what it drafts for, which
    /// must outlive it. Each of its rows has so many numbers beside its token.
    llama_context_type type = LLAMA_CONTEXT_TYPE_DEFAULT;
    llama_context * target = nullptr;
    int input_width = 0;
    draft::Matching matching = draft::Matching::automatic;
    /// What holds and searches texts in place of the device that the build has, as tests do.
    std::shared_ptr<draft::TextDevice> text_device = nullptr;
};

} // namespace reprise
