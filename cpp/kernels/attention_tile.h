#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "ggml-cpu-impl.h"
#include "ggml-cpu.h"
#include "simd-mappings.h"

#include "kernels/float_vector.h"

// The small dense steps of attention on one tile of the K/V cache: converting its rows, and two matrix
// products. Each element of a product is one chain of fused additions in the order of k, whatever tile of
// registers computes it.

namespace reprise::kernels {

/// Cells of the K/V cache that are multiplied at a time.
constexpr int tile_cells = 64;

#if defined(__GNUC__) || defined(__clang__)
#define REPRISE_INLINE inline __attribute__((always_inline))
#define REPRISE_UNROLL _Pragma("GCC unroll 16")
#else
#define REPRISE_INLINE __forceinline
#define REPRISE_UNROLL
#endif

/// Asks for `bytes` of memory that will be read soon. Rows of a head lie far apart, so the processor does not
/// guess them.
REPRISE_INLINE void prefetch(const char * from, int64_t bytes) {
#if defined(__GNUC__) || defined(__clang__)
    for (int64_t i = 0; i < bytes; i += 64) __builtin_prefetch(from + i);
#else
    (void)from;
    (void)bytes;
#endif
}

/// Rows of F32, `stride` floats apart.
struct FloatRows {
    const float * data;
    int64_t stride;
    REPRISE_INLINE Vec get(int64_t row, int64_t column) const { return load(data + row * stride + column); }
};

#if defined(REPRISE_VECTOR_HALF)
/// Rows of F16 wherever they lie.
struct HalfRows {
    const char * const * rows;
    REPRISE_INLINE Vec get(int64_t row, int64_t column) const {
        return load_half(reinterpret_cast<const uint16_t *>(rows[row]) + column);
    }
};
#endif

/// C[Rows][Vectors of lanes] = (or +=) A * B over `depth`; A[i][k] is a[i * a_row + k * a_step].
template <int Rows, int Vectors, bool Accumulate, class B>
REPRISE_INLINE void multiply_block(float * c, int64_t c_stride, const float * a, int64_t a_row,
                                   int64_t a_step, const B & b, int64_t column, int depth) {
    Vec sums[Rows][Vectors];
    REPRISE_UNROLL
    for (int i = 0; i < Rows; i++) {
        REPRISE_UNROLL
        for (int v = 0; v < Vectors; v++) {
            sums[i][v] = Accumulate ? load(c + i * c_stride + v * lanes) : broadcast(0.0f);
        }
    }
    for (int k = 0; k < depth; k++) {
        Vec right[Vectors];
        REPRISE_UNROLL
        for (int v = 0; v < Vectors; v++) {
            right[v] = b.get(k, column + v * lanes);
#if defined(__GNUC__) && defined(__AVX__)
            // It stays in its register: GCC would load it again for every row.
            asm("" : "+v"(right[v]));
#endif
        }
        REPRISE_UNROLL
        for (int i = 0; i < Rows; i++) {
            const Vec left = broadcast(a[i * a_row + k * a_step]);
            REPRISE_UNROLL
            for (int v = 0; v < Vectors; v++) sums[i][v] = fma(left, right[v], sums[i][v]);
        }
    }
    REPRISE_UNROLL
    for (int i = 0; i < Rows; i++) {
        REPRISE_UNROLL
        for (int v = 0; v < Vectors; v++) store(c + i * c_stride + v * lanes, sums[i][v]);
    }
}

template <int Rows, bool Accumulate, class B>
void multiply_rows(float * c, int64_t c_stride, const float * a, int64_t a_row, int64_t a_step, const B & b,
                   int depth, int columns) {
    // As many sums as there are registers beside the factors, of which one row's is held at a time, so that
    // chains of additions overlap.
    constexpr int widest = std::max(1, std::min(Rows <= 2 ? 8 : 4, (vector_registers - 1) / (Rows + 1)));
    int column = 0;
    const auto columns_of = [&](auto vectors) {
        constexpr int width = decltype(vectors)::value;
        if constexpr (width <= widest) {
            for (; column + width * lanes <= columns; column += width * lanes) {
                multiply_block<Rows, width, Accumulate>(c + column, c_stride, a, a_row, a_step, b, column,
                                                        depth);
            }
        }
    };
    columns_of(std::integral_constant<int, 8>());
    columns_of(std::integral_constant<int, 4>());
    columns_of(std::integral_constant<int, 3>());
    columns_of(std::integral_constant<int, 2>());
    columns_of(std::integral_constant<int, 1>());
}

/// C[rows][columns] = (or +=) A * B; `columns` is a multiple of `lanes`.
template <bool Accumulate, class B>
void multiply_matrices(float * c, int64_t c_stride, const float * a, int64_t a_row, int64_t a_step,
                       const B & b, int rows, int depth, int columns) {
    int i = 0;
    const auto rows_of = [&](auto count) {
        constexpr int height = decltype(count)::value;
        for (; i + height <= rows; i += height) {
            multiply_rows<height, Accumulate>(c + i * c_stride, c_stride, a + i * a_row, a_row, a_step, b,
                                              depth, columns);
        }
    };
    // One vector wide, only more rows keep the units busy.
    if (columns <= lanes) rows_of(std::integral_constant<int, 12>());
    if (columns <= 2 * lanes && vector_registers > 16) rows_of(std::integral_constant<int, 8>());
    rows_of(std::integral_constant<int, 6>());
    rows_of(std::integral_constant<int, 4>());
    rows_of(std::integral_constant<int, 3>());
    rows_of(std::integral_constant<int, 2>());
    rows_of(std::integral_constant<int, 1>());
}

/// One row of a cache as F32.
inline void row_to_float(ggml_type type, const char * from, float * to, int64_t n) {
    int64_t i = 0;
    switch (type) {
    case GGML_TYPE_F32:
        std::memcpy(to, from, n * sizeof(float));
        return;
    case GGML_TYPE_F16:
#if defined(REPRISE_VECTOR_HALF)
        for (; i + lanes <= n; i += lanes)
            store(to + i, load_half(reinterpret_cast<const uint16_t *>(from) + i));
#endif
        for (; i < n; i++) to[i] = GGML_CPU_FP16_TO_FP32(reinterpret_cast<const ggml_fp16_t *>(from)[i]);
        return;
    case GGML_TYPE_BF16:
        for (; i + lanes <= n; i += lanes)
            store(to + i, load_bfloat(reinterpret_cast<const uint16_t *>(from) + i));
        for (; i < n; i++) to[i] = GGML_BF16_TO_FP32(reinterpret_cast<const ggml_bf16_t *>(from)[i]);
        return;
    default:
        ggml_get_type_traits(type)->to_float(from, to, n);
    }
}

/// to[d][tile_cells] = from[cell][d], for `cells` rows of `n` floats.
inline void transpose_floats(const float * from, int64_t from_stride, float * to, int cells, int64_t n) {
    int cell = 0;
#if defined(REPRISE_VECTOR_AVX512) || defined(REPRISE_VECTOR_AVX2)
    // Four cells by four values in each 128-bit lane, of which there are `lanes` / 4.
    constexpr int wide = lanes / 4;
    for (; cell + lanes <= cells; cell += lanes) {
        int64_t d = 0;
        for (; d + 4 <= n; d += 4) {
            Vec row[4];
            for (int i = 0; i < 4; i++) {
                // 128-bit lane l holds cell 4 l + i, so that what comes out is in the order of cells.
                const float * at = from + (cell + i) * from_stride + d;
#if defined(REPRISE_VECTOR_AVX512)
                __m512 x = _mm512_castps128_ps512(_mm_loadu_ps(at));
                x = _mm512_mask_broadcast_f32x4(x, 0x00f0, _mm_loadu_ps(at + 4 * from_stride));
                x = _mm512_mask_broadcast_f32x4(x, 0x0f00, _mm_loadu_ps(at + 8 * from_stride));
                row[i] = _mm512_mask_broadcast_f32x4(x, 0xf000, _mm_loadu_ps(at + 12 * from_stride));
#else
                row[i] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(at)),
                                              _mm_loadu_ps(at + 4 * from_stride), 1);
#endif
            }
#if defined(REPRISE_VECTOR_AVX512)
            const Vec ab_low = _mm512_unpacklo_ps(row[0], row[1]),
                      ab_high = _mm512_unpackhi_ps(row[0], row[1]);
            const Vec cd_low = _mm512_unpacklo_ps(row[2], row[3]),
                      cd_high = _mm512_unpackhi_ps(row[2], row[3]);
            store(to + (d + 0) * tile_cells + cell, _mm512_shuffle_ps(ab_low, cd_low, 0x44));
            store(to + (d + 1) * tile_cells + cell, _mm512_shuffle_ps(ab_low, cd_low, 0xee));
            store(to + (d + 2) * tile_cells + cell, _mm512_shuffle_ps(ab_high, cd_high, 0x44));
            store(to + (d + 3) * tile_cells + cell, _mm512_shuffle_ps(ab_high, cd_high, 0xee));
#else
            const Vec ab_low = _mm256_unpacklo_ps(row[0], row[1]),
                      ab_high = _mm256_unpackhi_ps(row[0], row[1]);
            const Vec cd_low = _mm256_unpacklo_ps(row[2], row[3]),
                      cd_high = _mm256_unpackhi_ps(row[2], row[3]);
            store(to + (d + 0) * tile_cells + cell, _mm256_shuffle_ps(ab_low, cd_low, 0x44));
            store(to + (d + 1) * tile_cells + cell, _mm256_shuffle_ps(ab_low, cd_low, 0xee));
            store(to + (d + 2) * tile_cells + cell, _mm256_shuffle_ps(ab_high, cd_high, 0x44));
            store(to + (d + 3) * tile_cells + cell, _mm256_shuffle_ps(ab_high, cd_high, 0xee));
#endif
        }
        for (; d < n; d++) {
            for (int i = 0; i < 4 * wide; i++)
                to[d * tile_cells + cell + i] = from[(cell + i) * from_stride + d];
        }
    }
#endif
    for (; cell < cells; cell++) {
        for (int64_t d = 0; d < n; d++) to[d * tile_cells + cell] = from[cell * from_stride + d];
    }
}

#if defined(REPRISE_VECTOR_AVX512) || (defined(REPRISE_VECTOR_AVX2) && defined(__F16C__))

#if defined(REPRISE_VECTOR_AVX512)
using Halves = __m512i;
#define REPRISE_UNPACK(half, bits, a, b) _mm512_unpack##half##_epi##bits(a, b)
inline Vec low_half(Halves x) {
    return _mm512_cvtph_ps(_mm512_castsi512_si256(x));
}
inline Vec high_half(Halves x) {
    return _mm512_cvtph_ps(_mm512_extracti64x4_epi64(x, 1));
}
#else
using Halves = __m256i;
#define REPRISE_UNPACK(half, bits, a, b) _mm256_unpack##half##_epi##bits(a, b)
inline Vec low_half(Halves x) {
    return _mm256_cvtph_ps(_mm256_castsi256_si128(x));
}
inline Vec high_half(Halves x) {
    return _mm256_cvtph_ps(_mm256_extracti128_si256(x, 1));
}
#endif

/// y[i] = value d + i of 2 * lanes rows of F16, transposed while they are 16 bits wide.
REPRISE_INLINE void transpose_halves(const char * const * rows, int64_t d, Halves * y) {
    const auto at = [&](int i) {
        return _mm_loadu_si128(reinterpret_cast<const __m128i *>(rows[i] + d * sizeof(uint16_t)));
    };
    Halves x[8];
    REPRISE_UNROLL
    for (int i = 0; i < 8; i++) {
        // 128-bit lane l holds row 8 l + i, so that what comes out is in the order of rows.
#if defined(REPRISE_VECTOR_AVX512)
        x[i] = _mm512_castsi128_si512(at(i));
        x[i] = _mm512_mask_broadcast_i32x4(x[i], 0x00f0, at(8 + i));
        x[i] = _mm512_mask_broadcast_i32x4(x[i], 0x0f00, at(16 + i));
        x[i] = _mm512_mask_broadcast_i32x4(x[i], 0xf000, at(24 + i));
#else
        x[i] = _mm256_inserti128_si256(_mm256_castsi128_si256(at(i)), at(8 + i), 1);
#endif
    }
    REPRISE_UNROLL
    for (int i = 0; i < 4; i++) {
        y[2 * i] = REPRISE_UNPACK(lo, 16, x[2 * i], x[2 * i + 1]);
        y[2 * i + 1] = REPRISE_UNPACK(hi, 16, x[2 * i], x[2 * i + 1]);
    }
    REPRISE_UNROLL
    for (int i = 0; i < 2; i++) {
        REPRISE_UNROLL
        for (int j = 0; j < 2; j++) {
            x[4 * i + 2 * j] = REPRISE_UNPACK(lo, 32, y[4 * i + j], y[4 * i + 2 + j]);
            x[4 * i + 2 * j + 1] = REPRISE_UNPACK(hi, 32, y[4 * i + j], y[4 * i + 2 + j]);
        }
    }
    REPRISE_UNROLL
    for (int j = 0; j < 4; j++) {
        y[2 * j] = REPRISE_UNPACK(lo, 64, x[j], x[4 + j]);
        y[2 * j + 1] = REPRISE_UNPACK(hi, 64, x[j], x[4 + j]);
    }
}
#undef REPRISE_UNPACK

/// to[query][tile_cells] = the products of queries[query][n] and rows of F16. `cells` and `n` are multiples
/// of 2 * lanes and 8.
template <int Queries>
void multiply_halves(const float * queries, const char * const * rows, float * to, int cells, int64_t n) {
    for (int cell = 0; cell < cells; cell += 2 * lanes) {
        Vec sums[Queries][2];
        REPRISE_UNROLL
        for (int q = 0; q < Queries; q++) sums[q][0] = sums[q][1] = broadcast(0.0f);
        for (int64_t d = 0; d < n; d += 8) {
            Halves y[8];
            transpose_halves(rows + cell, d, y);
            REPRISE_UNROLL
            for (int i = 0; i < 8; i++) {
                const Vec low = low_half(y[i]), high = high_half(y[i]);
                REPRISE_UNROLL
                for (int q = 0; q < Queries; q++) {
                    const Vec left = broadcast(queries[q * n + d + i]);
                    sums[q][0] = fma(left, low, sums[q][0]);
                    sums[q][1] = fma(left, high, sums[q][1]);
                }
            }
        }
        REPRISE_UNROLL
        for (int q = 0; q < Queries; q++) {
            store(to + q * tile_cells + cell, sums[q][0]);
            store(to + q * tile_cells + cell + lanes, sums[q][1]);
        }
    }
}

/// The most queries that multiply_halves() takes at a time.
constexpr int max_queries_of_halves = vector_registers > 16 ? 4 : 2;

inline void multiply_halves(const float * queries, int count, const char * const * rows, float * to,
                            int cells, int64_t n) {
    while (count > 0) {
        // Even parts: each transposes all rows again.
        const int parts = (count + max_queries_of_halves - 1) / max_queries_of_halves;
        const int some = (count + parts - 1) / parts;
        if (some == 1) multiply_halves<1>(queries, rows, to, cells, n);
        if (some == 2) multiply_halves<2>(queries, rows, to, cells, n);
        if constexpr (max_queries_of_halves > 2) {
            if (some == 3) multiply_halves<3>(queries, rows, to, cells, n);
            if (some == 4) multiply_halves<4>(queries, rows, to, cells, n);
        }
        queries += some * n;
        to += some * tile_cells;
        count -= some;
    }
}

/// to[d][tile_cells] = rows[cell][d] of F16. `cells` and `n` are multiples of 2 * lanes and 8.
inline void transpose_halves(const char * const * rows, float * to, int cells, int64_t n) {
    for (int cell = 0; cell < cells; cell += 2 * lanes) {
        for (int64_t d = 0; d < n; d += 8) {
            Halves y[8];
            transpose_halves(rows + cell, d, y);
            for (int i = 0; i < 8; i++) {
                store(to + (d + i) * tile_cells + cell, low_half(y[i]));
                store(to + (d + i) * tile_cells + cell + lanes, high_half(y[i]));
            }
        }
    }
}
#define REPRISE_TRANSPOSES_HALVES 1

#endif

} // namespace reprise::kernels
