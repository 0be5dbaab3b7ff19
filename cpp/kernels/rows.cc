#include "kernels/rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace reprise::kernels {
namespace {

/// As ggml's Q8_0 does, but with a scale in single precision.
template <int Rows>
void round_block(const PanelFormat & format, const float * inputs, int row, RoundedBlock<Rows> & to) {
    float largest = 0;
    for (int i = 0; i < block_inputs; ++i) largest = std::max(largest, std::fabs(inputs[i]));
    const float scale = largest / 127.0f;
    const float inverse = largest > 0 ? 127.0f / largest : 0.0f;
    int32_t sums[2] = {0, 0};
    for (int half = 0; half < 2; ++half)
        for (int i = 16 * half; i < 16 * half + 16; ++i) {
            const auto value = static_cast<int8_t>(std::lrintf(inputs[i] * inverse));
            to.values[row][i] = value;
            sums[half] += value;
        }
    if (!format.halves) sums[0] += sums[1];
    to.scale[row] = scale;
    for (int half = 0; half < 2; ++half) {
        to.start[row][half] = -format.offset * sums[half];
        to.sum[row][half] = scale * static_cast<float>(sums[half]);
    }
}

} // namespace

template <int Rows>
void round_rows(const PanelFormat & format, const float * const * rows, int64_t first_block, int64_t blocks,
                RoundedBlock<Rows> * to) {
    for (int64_t b = first_block; b < first_block + blocks; ++b)
        for (int row = 0; row < Rows; ++row)
            if (rows[row]) round_block(format, rows[row] + b * block_inputs, row, to[b]);
}

template void round_rows<1>(const PanelFormat &, const float * const *, int64_t, int64_t, RoundedBlock<1> *);
template void round_rows<group_rows>(const PanelFormat &, const float * const *, int64_t, int64_t,
                                     RoundedBlock<group_rows> *);

} // namespace reprise::kernels
