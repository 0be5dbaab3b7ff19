#include "kernels/matmul.h"

namespace reprise::kernels {

bool packs(const ggml_tensor *) {
    return false;
}

size_t packed_size(const ggml_tensor * weights) {
    return ggml_nbytes(weights);
}

void pack(ggml_tensor *, const void *) {}

bool takes_matmul(const ggml_tensor *) {
    return false;
}

size_t matmul_work_size(int, const ggml_tensor *) {
    return 0;
}

void compute_matmul(const ggml_compute_params *, ggml_tensor *) {}

} // namespace reprise::kernels
