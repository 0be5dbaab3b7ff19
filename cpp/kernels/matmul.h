#pragma once

#include <cstddef>

#include "ggml-cpu-impl.h"

namespace reprise::kernels {

/// Whether weights of this type and shape can lie in panels (panels.h).
bool packs(const ggml_tensor * weights);

/// Bytes that the weights need in panels.
size_t packed_size(const ggml_tensor * weights);

/// Writes weights, given as ggml stores them, in panels to `weights->data`: `size` bytes of theirs from
/// `offset` on, whole panels each. All processors take part: the first write to a page costs more than its
/// packing.
void pack(ggml_tensor * weights, const void * data, size_t offset, size_t size);

/// Whether pack() can take these bytes alone.
bool are_whole_panels(const ggml_tensor * weights, size_t offset, size_t size);

/// Whether compute_matmul() computes this GGML_OP_MUL_MAT or GGML_OP_MUL_MAT_ID, whose weights lie in panels.
bool takes_matmul(const ggml_tensor * op);

/// Bytes of the work buffer that compute_matmul() needs.
size_t matmul_work_size(const ggml_tensor * op);

/// Computes this thread's share of the product. Every thread of `params` calls it.
void compute_matmul(const ggml_compute_params * params, ggml_tensor * op);

} // namespace reprise::kernels
