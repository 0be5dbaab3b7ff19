// Tiles for processors with AVX2 and without AVX-512's byte products: Haswell to Comet Lake, Zen 1 to 3, and
// with AVX-VNNI: Alder Lake and later.
#include "kernels/processor.h"

#if defined(REPRISE_PANELS_AVX2)

#include <algorithm>
#include <cstring>
#include <immintrin.h>
#include <type_traits>

#include "kernels/panel_formats.h"
#include "kernels/unrolled.h"

namespace reprise::kernels {
namespace {

/// How far ahead of the multiplication weights are fetched, in bytes.
constexpr int prefetch_distance = 2048;

/// A vector holds 4 inputs of 8 outputs, one side of a panel.
constexpr int side_width = 8;

__m256i load(const uint8_t * bytes) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(bytes));
}

template <int Shift> __m256i to_the_left(__m256i words) {
    if constexpr (Shift > 0) return _mm256_slli_epi16(words, Shift);
    if constexpr (Shift < 0) return _mm256_srli_epi16(words, -Shift);
    return words;
}

/// The codes of four inputs, `Four` of the block, as unsigned bytes. `planes`: of the block, at the side.
template <const PanelType & type, int Four> __m256i codes(const uint8_t * planes) {
    // Fours P and P + 4 share bytes.
    constexpr int P = Four % 4, upper = Four / 4 * 4;
    if constexpr (type.low_bits == 8) return load(planes + 64 * Four);
    constexpr int low_at = type.low_bits == 2 ? upper + P % 2 * 2 : upper;
    __m256i code = load(planes + 64 * (type.low_bits == 2 ? P / 2 : P));
    code = _mm256_and_si256(to_the_left<-low_at>(code),
                            _mm256_set1_epi8(static_cast<char>((1 << type.low_bits) - 1)));
    if constexpr (type.high_bits > 0) {
        constexpr int bits = type.high_bits;
        constexpr int high_at = bits == 1 ? upper + P : upper + P % 2 * 2;
        const __m256i high = load(planes + type.low_bytes() + (bits == 1 ? 0 : 64 * (P / 2)));
        const __m256i mask = _mm256_set1_epi8(((1 << bits) - 1) << type.low_bits);
        code = _mm256_or_si256(code, _mm256_and_si256(to_the_left<type.low_bits - high_at>(high), mask));
    }
    return code;
}

/// What a table of 16 bytes has for each code.
__m256i looked_up(const uint8_t * table, __m256i code) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(table));
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), code);
}

__m256 half_precision(const uint8_t * at) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i *>(at)));
}
__m256 signed_bytes(const uint8_t * at) {
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i *>(at))));
}
__m256 unsigned_bytes(const uint8_t * at) {
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i *>(at))));
}

/// Four values of a row, for each output.
__m256i four_values(const int8_t * values) {
    int32_t bytes;
    std::memcpy(&bytes, values, sizeof(bytes));
    return _mm256_set1_epi32(bytes);
}

/// The rows of a tile: row r of the group, or of those that follow it.
template <int Group> struct TileRows {
    const RoundedBlock<Group> * first; // this block of the first group
    int64_t blocks;                    // from one group to the next

    const RoundedBlock<Group> & block(int r) const { return first[r / Group * blocks]; }
    __m256i values(int r, int four) const { return four_values(block(r).values[r % Group] + 4 * four); }
    __m256i start(int r, int half) const { return _mm256_set1_epi32(block(r).start[r % Group][half]); }
    __m256 sum(int r, int half) const { return _mm256_set1_ps(block(r).sum[r % Group][half]); }
    __m256 scale(int r) const { return _mm256_set1_ps(block(r).scale[r % Group]); }
};

#if defined(__AVXVNNI__) || (defined(__AVX512VNNI__) && defined(__AVX512VL__))

#if defined(__AVXVNNI__)
__m256i add_products(__m256i sum, __m256i weights, __m256i values) {
    return _mm256_dpbusd_avx_epi32(sum, weights, values);
}
#else
__m256i add_products(__m256i sum, __m256i weights, __m256i values) {
    return _mm256_dpbusd_epi32(sum, weights, values);
}
#endif

/// The sums of a block: sums[half][side * Rows + row]; without half blocks, sums[0].
template <const PanelType & type, int Rows, int Sides, int Group>
void sum_block(const uint8_t * planes, const TileRows<Group> & rows, __m256i (&sums)[2][Rows * Sides]) {
    // Few sums would wait for each product.
    constexpr bool two_sums = type.half_blocks || Rows * Sides <= 4;
    unrolled<Rows * Sides>([&](auto i) {
        sums[0][i] = rows.start(i % Rows, 0);
        if constexpr (two_sums)
            sums[1][i] = type.half_blocks ? rows.start(i % Rows, 1) : _mm256_setzero_si256();
    });
    unrolled<4>([&](auto p) {
        unrolled<Sides>([&](auto side) {
            __m256i first = codes<type, p>(planes + 32 * side);
            __m256i second = codes<type, p + 4>(planes + 32 * side);
            if constexpr (type.table) {
                first = looked_up(iq4_values, first);
                second = looked_up(iq4_values, second);
            }
            unrolled<Rows>([&](auto r) {
                constexpr int i = side * Rows + r;
                sums[0][i] = add_products(sums[0][i], first, rows.values(r, p));
                auto & other = sums[two_sums ? 1 : 0][i];
                other = add_products(other, second, rows.values(r, p + 4));
            });
        });
    });
    if constexpr (two_sums && !type.half_blocks)
        unrolled<Rows * Sides>([&](auto i) { sums[0][i] = _mm256_add_epi32(sums[0][i], sums[1][i]); });
}

#else

/// GCC would put off the additions of a block and keep all its products in memory until then; this makes it
/// add at once.
__m256i at_once(__m256i sum) {
#if defined(__GNUC__) && !defined(__clang__)
    __asm__("" : "+x"(sum));
#endif
    return sum;
}

/// Sums of pairs of 16 bits.
__m256i widened(__m256i pairs) {
    return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

/// The sums of a block: sums[half][side * Rows + row]; without half blocks, sums[0].
/// Products of narrow weights are added in 16 bits, as many as fit there.
template <const PanelType & type, int Rows, int Sides, int Group>
std::enable_if_t<!type.has_bytes()> sum_block(const uint8_t * planes, const TileRows<Group> & rows,
                                              __m256i (&sums)[2][Rows * Sides]) {
    constexpr int most = (1 << (type.low_bits + type.high_bits)) - 1;
    constexpr int fit = std::min(type.half_blocks ? 4 : 8, 32767 / (2 * 128 * most)); // fours: 8, 4 or 2
    __m256i pairs[Rows * Sides];
    unrolled<8>([&](auto four) {
        unrolled<Sides>([&](auto side) {
            const __m256i weights = codes<type, four>(planes + 32 * side);
            unrolled<Rows>([&](auto r) {
                constexpr int i = side * Rows + r;
                const __m256i products = _mm256_maddubs_epi16(weights, rows.values(r, four));
                pairs[i] = four % fit == 0 ? products : at_once(_mm256_add_epi16(pairs[i], products));
            });
        });
        if constexpr (four % fit == fit - 1)
            unrolled<Rows * Sides>([&](auto i) {
                constexpr int half = type.half_blocks ? four / 4 : 0;
                constexpr bool is_first = four % (type.half_blocks ? 4 : 8) < fit;
                const __m256i before = is_first ? rows.start(i % Rows, half) : sums[half][i];
                sums[half][i] = _mm256_add_epi32(before, widened(pairs[i]));
            });
    });
}

/// The same for weights of 8 bits, stored with an offset of 128. Two products of their magnitudes, at most
/// 128, with values, at most 127, just fit into 16 bits; so the values take the signs.
template <const PanelType & type, int Rows, int Sides, int Group>
std::enable_if_t<type.has_bytes()> sum_block(const uint8_t * planes, const TileRows<Group> & rows,
                                             __m256i (&sums)[2][Rows * Sides]) {
    static_assert(type.offset == 128 && !type.half_blocks);
    unrolled<8>([&](auto four) {
        unrolled<Sides>([&](auto side) {
            __m256i weights = codes<type, four>(planes + 32 * side);
            if constexpr (type.table) weights = looked_up(iq4_values, weights);
            weights = _mm256_xor_si256(weights, _mm256_set1_epi8(-128));
            const __m256i magnitudes = _mm256_abs_epi8(weights);
            unrolled<Rows>([&](auto r) {
                constexpr int i = side * Rows + r;
                const __m256i values = _mm256_sign_epi8(rows.values(r, four), weights);
                const __m256i products = widened(_mm256_maddubs_epi16(magnitudes, values));
                sums[0][i] = four == 0 ? products : at_once(_mm256_add_epi32(sums[0][i], products));
            });
        });
    });
}

#endif

/// Adds up `Sides` sides of a panel from `first_side` on. The sums of a block of 32 inputs are integers, so
/// their order does not matter. Blocks are added one after the other, as fma(sum * scale of the weights,
/// scale of the row, total), which gives the same bits in tiles of any size.
template <const PanelType & type, int Rows, int Group, int Sides>
void multiply_sides(const uint8_t * panel, int64_t inputs, const RoundedBlock<Group> * prepared,
                    float * const * outputs, int width, int first_side) {
    const int64_t blocks = inputs / block_inputs;
    const uint8_t * planes = panel + 32 * first_side;
    const uint8_t * scales = panel + blocks * type.plane_bytes();
    const int first_output = side_width * first_side;
    __m256 d[Sides], d_min[Sides], total[Rows * Sides];
    unrolled<Rows * Sides>([&](auto i) { total[i] = _mm256_setzero_ps(); });

    for (int64_t b = 0; b < blocks; ++b) {
        const TileRows<Group> rows{prepared + b, blocks};
        if (first_side == 0)
            unrolled<type.plane_bytes() / 64>([&](auto line) {
                _mm_prefetch(reinterpret_cast<const char *>(planes + prefetch_distance + 64 * line),
                             _MM_HINT_T0);
            });
        __m256i sums[2][Rows * Sides];
        sum_block<type, Rows, Sides, Group>(planes, rows, sums);
        planes += type.plane_bytes();

        if (!type.relative || b % 8 == 0) {
            unrolled<Sides>([&](auto side) {
                const uint8_t * at = scales + 2 * (first_output + side_width * side);
                d[side] = half_precision(at);
                if constexpr (type.min) d_min[side] = half_precision(at + 2 * panel_width);
            });
            scales += 2 * panel_width * (type.min ? 2 : 1);
        }
        unrolled<Sides>([&](auto side) {
            const uint8_t * at = scales + first_output + side_width * side;
            const auto next_scale = [&] {
                if constexpr (!type.relative) return d[side];
                const __m256 scale = _mm256_mul_ps(d[side], signed_bytes(at));
                at += panel_width;
                return scale;
            };
            const auto subtract_min = [&](int half) {
                __m256 min = d_min[side];
                if constexpr (type.relative) {
                    min = _mm256_mul_ps(min, unsigned_bytes(at));
                    at += panel_width;
                }
                unrolled<Rows>([&](auto r) {
                    auto & sum = total[side * Rows + r];
                    sum = _mm256_fnmadd_ps(min, rows.sum(r, half), sum);
                });
            };
            const __m256 scale = next_scale();
            if constexpr (type.min) subtract_min(0);
            __m256 second_scale;
            if constexpr (type.half_blocks) {
                second_scale = next_scale();
                if constexpr (type.min) subtract_min(1);
            }
            unrolled<Rows>([&](auto r) {
                constexpr int i = side * Rows + r;
                __m256 scaled = _mm256_mul_ps(_mm256_cvtepi32_ps(sums[0][i]), scale);
                if constexpr (type.half_blocks)
                    scaled = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums[1][i]), second_scale, scaled);
                total[i] = _mm256_fmadd_ps(scaled, rows.scale(r), total[i]);
            });
        });
        if constexpr (type.relative) scales += panel_width * (type.half_blocks ? 2 : 1) * (type.min ? 2 : 1);
    }
    unrolled<Rows * Sides>([&](auto i) {
        const int output = first_output + side_width * (i / Rows);
        float * const to = outputs[i % Rows] + output;
        if (width >= output + side_width) {
            _mm256_storeu_ps(to, total[i]);
        } else {
            float all[side_width];
            _mm256_storeu_ps(all, total[i]);
            for (int k = 0; k < width - output; ++k) to[k] = all[k];
        }
    });
}

/// Many rows leave registers for one side at a time only.
template <const PanelType & type, int Rows, int Group>
void multiply(const uint8_t * panel, int64_t inputs, const void * prepared, float * const * outputs,
              int width) {
    const auto * const rows = static_cast<const RoundedBlock<Group> *>(prepared);
    if constexpr (Rows <= 2) {
        multiply_sides<type, Rows, Group, 2>(panel, inputs, rows, outputs, width, 0);
    } else {
        for (int side = 0; side < 2; ++side)
            multiply_sides<type, Rows, Group, 1>(panel, inputs, rows, outputs, width, side);
    }
}

template <const PanelType & type> struct Tiles {
    static constexpr int max_rows = 8;

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
