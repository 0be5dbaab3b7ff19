#pragma once

#include "llama.h"

namespace reprise {

/// Whether logits stay on the device that computes them. `automatic`: where that is a GPU.
enum class DeviceLogits { off, automatic, on };

/// How a context is made.
struct ContextOptions {
    int context_length = 4096;  ///< The tokens that all members of the family have together.
    int batch_size = 2048;      ///< The most rows of one llama_decode.
    int micro_batch_size = 512; ///< llama.cpp computes so many rows of a batch at once.
    int threads = 2;
    llama_flash_attn_type flash_attention = LLAMA_FLASH_ATTN_TYPE_AUTO;
    DeviceLogits device_logits = DeviceLogits::automatic;
    ggml_type key_type = GGML_TYPE_F16;
    ggml_type value_type = GGML_TYPE_F16;
    bool full_sliding_window = true;
    bool shift_on_overflow = false;
    int reference_tokens = 1 << 20; ///< Beyond so many tokens of references the oldest are forgotten.
    /// Forks and leaves of trees together. 0 stands for as many as the kind of cache makes sensible.
    int max_sequences = 0;
};

} // namespace reprise
