#include "kernels/rows.h"

#include "kernels/processor.h"

#if defined(REPRISE_PANELS_AVX512) || defined(REPRISE_PANELS_AVX2)
#include <immintrin.h>

#include "kernels/unrolled.h"
#else
#include <algorithm>
#include <cmath>
#endif

namespace reprise::kernels {
namespace {

/// What turns inputs into values. Where the largest is next to nothing, its inverse would be infinite: the
/// values are 0.
float inverse_of(float largest) {
    return largest > 1e-36f ? 127.0f / largest : 0.0f;
}

/// Rounds 32 inputs: input = scale * value. Gives the scale, and the sums of the first and the last 16 values
/// in `sums`. As ggml's Q8_0 does, but with a scale in single precision.
#if defined(REPRISE_PANELS_AVX512) || defined(REPRISE_PANELS_AVX2)

float round_values(const float * inputs, int8_t * values, int32_t (&sums)[2]) {
    const __m256 sign = _mm256_set1_ps(-0.0f);
    __m256 input[4];
    __m256 largest_of_8 = _mm256_setzero_ps();
    unrolled<4>([&](auto i) {
        input[i] = _mm256_loadu_ps(inputs + 8 * i);
        largest_of_8 = _mm256_max_ps(_mm256_andnot_ps(sign, input[i]), largest_of_8);
    });
    __m128 largest_of_4 =
        _mm_max_ps(_mm256_castps256_ps128(largest_of_8), _mm256_extractf128_ps(largest_of_8, 1));
    largest_of_4 = _mm_max_ps(largest_of_4, _mm_movehl_ps(largest_of_4, largest_of_4));
    const float largest =
        _mm_cvtss_f32(_mm_max_ss(largest_of_4, _mm_shuffle_ps(largest_of_4, largest_of_4, 1)));

    const __m256 inverse = _mm256_set1_ps(inverse_of(largest));
    __m256i rounded[4];
    unrolled<4>([&](auto i) { rounded[i] = _mm256_cvtps_epi32(_mm256_mul_ps(input[i], inverse)); });
    // Both halves of a vector are packed on their own, which leaves the fours in this order.
    const __m256i packed = _mm256_packs_epi16(_mm256_packs_epi32(rounded[0], rounded[1]),
                                              _mm256_packs_epi32(rounded[2], rounded[3]));
    const __m256i all = _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(values), all);

    const __m256i pairs = _mm256_maddubs_epi16(_mm256_set1_epi8(1), all);
    __m256i sum = _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
    sum = _mm256_add_epi32(sum, _mm256_shuffle_epi32(sum, 0x4E));
    sum = _mm256_add_epi32(sum, _mm256_shuffle_epi32(sum, 0xB1));
    sums[0] = _mm_cvtsi128_si32(_mm256_castsi256_si128(sum));
    sums[1] = _mm_cvtsi128_si32(_mm256_extracti128_si256(sum, 1));
    return largest / 127.0f;
}

#else

float round_values(const float * inputs, int8_t * values, int32_t (&sums)[2]) {
    float largest = 0;
    for (int i = 0; i < block_inputs; ++i) largest = std::max(largest, std::fabs(inputs[i]));
    const float inverse = inverse_of(largest);
    sums[0] = sums[1] = 0;
    for (int i = 0; i < block_inputs; ++i) {
        values[i] = static_cast<int8_t>(std::lrintf(inputs[i] * inverse));
        sums[i / 16] += values[i];
    }
    return largest / 127.0f;
}

#endif

template <int Rows>
void round_block(const PanelFormat & format, const float * inputs, int row, RoundedBlock<Rows> & to) {
    int32_t sums[2];
    const float scale = round_values(inputs, to.values[row], sums);
    if (!format.half_blocks) sums[0] += sums[1];
    to.scale[row] = scale;
    for (int half = 0; half < 2; ++half) {
        to.start[row][half] = -format.offset * sums[half];
        to.sum[row][half] = scale * static_cast<float>(sums[half]);
    }
}

} // namespace

void interleave_rows(const float * const * rows, int64_t first, int64_t count, float * to) {
    static_assert(group_rows == 4);
    // Tiles compute with rows that are missing, too: with numbers, since what happens to lie there may be
    // slow to compute with.
    const auto row = [&](int i) { return (rows[i] ? rows[i] : rows[0]) + first; };
    const float * const a = row(0);
    const float * const b = row(1);
    const float * const c = row(2);
    const float * const d = row(3);
    to += first * group_rows;
    for (int64_t i = 0; i < count; ++i) {
        to[4 * i] = a[i];
        to[4 * i + 1] = b[i];
        to[4 * i + 2] = c[i];
        to[4 * i + 3] = d[i];
    }
}

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
