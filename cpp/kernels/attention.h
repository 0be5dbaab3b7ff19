#pragma once

#include <cstddef>

#include "ggml-cpu-impl.h"

namespace reprise::kernels {

/// Whether compute_attention() computes this GGML_OP_FLASH_ATTN_EXT. If not, ggml's own code does.
bool takes_attention(const ggml_tensor * op);

/// Bytes of the work buffer that compute_attention() needs.
size_t attention_work_size(int threads, const ggml_tensor * op);

/// Computes this thread's share of the operation. Every thread of `params` calls it.
void compute_attention(const ggml_compute_params * params, ggml_tensor * op);

} // namespace reprise::kernels
