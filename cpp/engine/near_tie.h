#pragma once

#include "ggml.h"

namespace reprise {

/// The distance, in logits, below which the last bits of another batch shape's kernels may tip a choice. It
/// depends on how the cache is stored, since a quantised key turns last bits into whole steps.
float near_tie_threshold(ggml_type key_type, ggml_type value_type);

} // namespace reprise
