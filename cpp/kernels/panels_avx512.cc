// Tiles for processors with AVX-512 and its byte products (VNNI): Ice Lake, Sapphire Rapids, Zen 4 and later.
#include "kernels/processor.h"

#if defined(REPRISE_PANELS_AVX512)

#include <cstring>
#include <immintrin.h>

#include "kernels/panel_formats.h"
#include "kernels/unrolled.h"

namespace reprise::kernels {
namespace {

/// How far ahead of the multiplication a tile of so many rows fetches weights, in bytes: 8 blocks, for a
/// single row, which is done with a block sooner, at least 4096 bytes. Measured against 0 to 8192 bytes.
template <const PanelType & type> constexpr int prefetch_distance(int rows) {
    const int blocks = 8 * type.plane_bytes();
    return rows > 1 || blocks > 4096 ? blocks : 4096;
}

__m512i load(const uint8_t * bytes) {
    return _mm512_loadu_si512(bytes);
}

/// The codes of 4 inputs each: fours P and P + 4 of the block, as unsigned bytes.
template <const PanelType & type, int P>
void codes(const uint8_t * planes, __m512i & first, __m512i & second) {
    if constexpr (type.low_bits == 8) {
        first = load(planes + 64 * P);
        second = load(planes + 64 * (P + 4));
    } else if constexpr (type.low_bits == 4) {
        const __m512i both = load(planes + 64 * P);
        const __m512i mask = _mm512_set1_epi8(15);
        first = _mm512_and_si512(both, mask);
        second = _mm512_and_si512(_mm512_srli_epi16(both, 4), mask);
    } else {
        const __m512i four = load(planes + 64 * (P / 2));
        const __m512i mask = _mm512_set1_epi8(3);
        first = _mm512_and_si512(_mm512_srli_epi16(four, P % 2 * 2), mask);
        second = _mm512_and_si512(_mm512_srli_epi16(four, P % 2 * 2 + 4), mask);
    }
    if constexpr (type.high_bits > 0) {
        constexpr int bits = type.high_bits;
        constexpr int at = bits == 1 ? P : P % 2 * 2; // of the first in its byte; the second lies 4 higher
        const __m512i high = load(planes + type.low_bytes() + (bits == 1 ? 0 : 64 * (P / 2)));
        const __m512i mask = _mm512_set1_epi8(((1 << bits) - 1) << type.low_bits);
        const auto place = [&](int shift) { // to the left by `shift`
            return shift >= 0 ? _mm512_slli_epi16(high, static_cast<unsigned>(shift))
                              : _mm512_srli_epi16(high, static_cast<unsigned>(-shift));
        };
        first =
            _mm512_ternarylogic_epi32(first, place(type.low_bits - at), mask, 0xF8); // first | high & mask
        second = _mm512_ternarylogic_epi32(second, place(type.low_bits - at - 4), mask, 0xF8);
    }
    if constexpr (type.table) {
        const __m512i values =
            _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i *>(iq4_values)));
        first = _mm512_shuffle_epi8(values, first);
        second = _mm512_shuffle_epi8(values, second);
    }
}

__m512 half_precision(const uint8_t * at) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(at)));
}
__m512 signed_bytes(const uint8_t * at) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i *>(at))));
}
__m512 unsigned_bytes(const uint8_t * at) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i *>(at))));
}

/// Block and row of a prepared group, of `Rows` rows each.
template <int Rows> struct Row {
    const RoundedBlock<Rows> * block;
    int row;

    __m512i values(int four) const { // 4 of them, for each output
        int32_t bytes;
        std::memcpy(&bytes, block->values[row] + 4 * four, sizeof(bytes));
        return _mm512_set1_epi32(bytes);
    }
};

/// The sums of a block of 32 inputs are integers, so their order does not matter. Blocks are added one after
/// the other, as fma(sum * scale of the weights, scale of the row, total), which gives the same bits in tiles
/// of any size.
template <const PanelType & type, int Rows, int Group>
void multiply(const uint8_t * panel, int64_t inputs, const void * prepared, float * const * outputs,
              int width) {
    // Two sums a row: half blocks need them, and few rows would wait for each product.
    constexpr bool two_sums = type.half_blocks || Rows <= 4;
    const int64_t blocks = inputs / block_inputs;
    const auto * const rows = static_cast<const RoundedBlock<Group> *>(prepared);
    const uint8_t * planes = panel;
    const uint8_t * scales = panel + blocks * type.plane_bytes();
    __m512 d{}, d_min{};
    __m512 total[Rows];
    unrolled<Rows>([&](auto r) { total[r] = _mm512_setzero_ps(); });

    for (int64_t b = 0; b < blocks; ++b) {
        const auto row = [&](auto r) { return &rows[r / Group * blocks + b]; };
        __m512i sum[Rows], second_sum[Rows];
        unrolled<Rows>([&](auto r) {
            sum[r] = _mm512_set1_epi32(row(r)->start[r % Group][0]);
            if constexpr (type.half_blocks)
                second_sum[r] = _mm512_set1_epi32(row(r)->start[r % Group][1]);
            else if constexpr (two_sums)
                second_sum[r] = _mm512_setzero_si512();
        });
        unrolled<4>([&](auto p) {
            __m512i first, second;
            codes<type, p>(planes, first, second);
            if constexpr (type.plane_bytes() >= 256 || p % 2 == 0)
                _mm_prefetch(reinterpret_cast<const char *>(planes + prefetch_distance<type>(Rows) + 64 * p),
                             _MM_HINT_T0);
            unrolled<Rows>([&](auto r) {
                const Row<Group> from{row(r), r % Group};
                sum[r] = _mm512_dpbusd_epi32(sum[r], first, from.values(p));
                auto & other = two_sums ? second_sum[r] : sum[r];
                other = _mm512_dpbusd_epi32(other, second, from.values(p + 4));
            });
        });
        planes += type.plane_bytes();

        if (!type.relative || b % 8 == 0) {
            d = half_precision(scales);
            scales += 32;
            if constexpr (type.min) {
                d_min = half_precision(scales);
                scales += 32;
            }
        }
        const auto next_scale = [&] {
            if constexpr (!type.relative) return d;
            const __m512 scale = _mm512_mul_ps(d, signed_bytes(scales));
            scales += 16;
            return scale;
        };
        const auto next_min = [&] {
            if constexpr (!type.relative) return d_min;
            const __m512 min = _mm512_mul_ps(d_min, unsigned_bytes(scales));
            scales += 16;
            return min;
        };
        const auto subtract_min = [&](int half) {
            const __m512 min = next_min();
            unrolled<Rows>([&](auto r) {
                total[r] = _mm512_fnmadd_ps(min, _mm512_set1_ps(row(r)->sum[r % Group][half]), total[r]);
            });
        };
        if constexpr (type.half_blocks) {
            const __m512 scale = next_scale();
            if constexpr (type.min) subtract_min(0);
            const __m512 second_scale = next_scale();
            if constexpr (type.min) subtract_min(1);
            unrolled<Rows>([&](auto r) {
                const __m512 first = _mm512_mul_ps(_mm512_cvtepi32_ps(sum[r]), scale);
                const __m512 both = _mm512_fmadd_ps(_mm512_cvtepi32_ps(second_sum[r]), second_scale, first);
                total[r] = _mm512_fmadd_ps(both, _mm512_set1_ps(row(r)->scale[r % Group]), total[r]);
            });
        } else {
            const __m512 scale = next_scale();
            if constexpr (type.min) subtract_min(0);
            unrolled<Rows>([&](auto r) {
                if constexpr (two_sums) sum[r] = _mm512_add_epi32(sum[r], second_sum[r]);
                const __m512 scaled = _mm512_mul_ps(_mm512_cvtepi32_ps(sum[r]), scale);
                total[r] = _mm512_fmadd_ps(scaled, _mm512_set1_ps(row(r)->scale[r % Group]), total[r]);
            });
        }
    }
    const auto mask = static_cast<__mmask16>((1u << width) - 1);
    unrolled<Rows>([&](auto r) { _mm512_mask_storeu_ps(outputs[r], mask, total[r]); });
}

template <const PanelType & type> struct Tiles {
    // Two sums a row leave no registers for more than 8.
    static constexpr int max_rows = type.half_blocks ? 8 : 12;

    template <int Rows, int Group>
    static void compute(const uint8_t * panel, int64_t inputs, const void * rows, float * const * outputs,
                        int width) {
        multiply<type, Rows, Group>(panel, inputs, rows, outputs, width);
    }
};

} // namespace

const PanelFormat * rounded_panel_format(ggml_type type) {
    return find_rounded_format<Tiles>(type);
}

} // namespace reprise::kernels

#endif
