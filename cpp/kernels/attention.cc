#include "kernels/attention.h"

namespace reprise::kernels {

bool takes_attention(const ggml_tensor *) {
    return false;
}

size_t attention_work_size(int, const ggml_tensor *) {
    return 0;
}

void compute_attention(const ggml_compute_params *, ggml_tensor *) {}

} // namespace reprise::kernels
