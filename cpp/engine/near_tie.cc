#include "engine/near_tie.h"

#include <algorithm>

namespace reprise {

namespace {

// The largest difference that bench/margins.ts found between the margins of one and the same token in plain
// and drafted passes, and at least a quarter more; docs/lossless.md has the measurements. Quantised keys and
// values are rounded after a computation whose last bits depend on the batch, and a last bit may move a value
// by a whole step.
float of_keys(ggml_type type) {
    switch (type) {
    case GGML_TYPE_Q8_0:
        return 0.2f; // 0.15 measured
    case GGML_TYPE_Q4_0:
        return 1.0f; // 0.67 measured
    default:
        return 0.1f; // 0.08 measured, with flash attention
    }
}

float of_values(ggml_type type) {
    return type == GGML_TYPE_Q4_0 ? 0.2f : 0.1f; // 0.12 measured, and 0.02 for q8_0
}

} // namespace

float near_tie_threshold(ggml_type key_type, ggml_type value_type) {
    return std::max(of_keys(key_type), of_values(value_type));
}

} // namespace reprise
