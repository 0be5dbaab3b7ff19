// Tiles for weights that are floats: F32, F16 and BF16, multiplied by rows that are floats.

// ggml-cpu-impl.h defines what MSVC does not say about AVX2.
#include "ggml-cpu-impl.h"

#if defined(__AVX512F__) || (defined(__AVX2__) && defined(__FMA__) && defined(__F16C__))
#define REPRISE_FLOAT_PANELS
#endif

#include "kernels/panels.h"

#ifdef REPRISE_FLOAT_PANELS

#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "kernels/unrolled.h"

namespace reprise::kernels {
namespace {

/// How far ahead of the multiplication weights are fetched, in bytes.
constexpr int prefetch_distance = 1024;

#if defined(__AVX512F__)

/// A number for each output of a panel.
struct Outputs {
    __m512 values;

    static Outputs zero() { return {_mm512_setzero_ps()}; }
    static Outputs broadcast(float value) { return {_mm512_set1_ps(value)}; }

    static Outputs load_f32(const uint8_t * at) { return {_mm512_loadu_ps(at)}; }
    static Outputs load_f16(const uint8_t * at) {
        return {_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(at)))};
    }
    static Outputs load_bf16(const uint8_t * at) {
        const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(at));
        return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16))};
    }

    void add_product(const Outputs & weights, const Outputs & input) {
        values = _mm512_fmadd_ps(weights.values, input.values, values);
    }
    void store(float * to, int width) const {
        _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << width) - 1), values);
    }
};

/// What the registers hold: sums of so many rows and panels.
constexpr int tile_rows = 12;
constexpr int panels_for(int rows) {
    return rows == 1 ? 8 : rows == 2 ? 4 : rows <= 4 ? 2 : 1;
}

#else

struct Outputs {
    __m256 low, high;

    static Outputs zero() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
    static Outputs broadcast(float value) { return {_mm256_set1_ps(value), _mm256_set1_ps(value)}; }

    static Outputs load_f32(const uint8_t * at) {
        const auto * const floats = reinterpret_cast<const float *>(at);
        return {_mm256_loadu_ps(floats), _mm256_loadu_ps(floats + 8)};
    }
    static Outputs load_f16(const uint8_t * at) {
        return {_mm256_cvtph_ps(eight_halves(at)), _mm256_cvtph_ps(eight_halves(at + 16))};
    }
    static Outputs load_bf16(const uint8_t * at) {
        const auto widen = [](__m128i halves) {
            return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
        };
        return {widen(eight_halves(at)), widen(eight_halves(at + 16))};
    }
    static __m128i eight_halves(const uint8_t * at) {
        return _mm_loadu_si128(reinterpret_cast<const __m128i *>(at));
    }

    void add_product(const Outputs & weights, const Outputs & input) {
        low = _mm256_fmadd_ps(weights.low, input.low, low);
        high = _mm256_fmadd_ps(weights.high, input.high, high);
    }
    void store(float * to, int width) const {
        float values[panel_width];
        _mm256_storeu_ps(values, low);
        _mm256_storeu_ps(values + 8, high);
        std::memcpy(to, values, static_cast<size_t>(width) * sizeof(float));
    }
};

constexpr int tile_rows = 6;
constexpr int panels_for(int rows) {
    return rows == 1 ? 4 : rows == 2 ? 2 : 1;
}

#endif

/// How weights of a type are read.
struct F32 {
    static constexpr ggml_type type = GGML_TYPE_F32;
    using Stored = float;
    static Outputs load(const uint8_t * at) { return Outputs::load_f32(at); }
};
struct F16 {
    static constexpr ggml_type type = GGML_TYPE_F16;
    using Stored = ggml_fp16_t;
    static Outputs load(const uint8_t * at) { return Outputs::load_f16(at); }
};
struct BF16 {
    static constexpr ggml_type type = GGML_TYPE_BF16;
    using Stored = ggml_bf16_t;
    static Outputs load(const uint8_t * at) { return Outputs::load_bf16(at); }
};

/// Products are added one after the other in the order of inputs, in tiles of any size: this gives the same
/// bits for a row whatever rows and panels it shares a tile with. Sums of several rows or panels hide how
/// long each addition takes.
template <typename Type, int Rows, int Group, int Panels>
void multiply_panels(const uint8_t * panel, int64_t inputs, const float * rows, float * const * outputs,
                     int width) {
    constexpr int64_t input_bytes = panel_width * sizeof(typename Type::Stored);
    const int64_t panel_bytes = inputs * input_bytes;
    const int64_t group_floats = inputs * Group;
    Outputs total[Panels][Rows];
    unrolled<Panels>([&](auto p) { unrolled<Rows>([&](auto r) { total[p][r] = Outputs::zero(); }); });

    const auto multiply_input = [&](const uint8_t * weights, const float * input) {
        Outputs loaded[Panels];
        unrolled<Panels>([&](auto p) { loaded[p] = Type::load(weights + p * panel_bytes); });
        unrolled<Rows>([&](auto r) {
            const Outputs value = Outputs::broadcast(input[r / Group * group_floats + r % Group]);
            unrolled<Panels>([&](auto p) { total[p][r].add_product(loaded[p], value); });
        });
    };
    const uint8_t * weights = panel;
    const float * input = rows;
    constexpr int at_once = 4;
    for (int64_t i = 0; i < inputs / at_once; ++i) {
        unrolled<Panels>([&](auto p) {
            unrolled<at_once * input_bytes / 64>([&](auto line) {
                _mm_prefetch(
                    reinterpret_cast<const char *>(weights + p * panel_bytes + prefetch_distance + 64 * line),
                    _MM_HINT_T0);
            });
        });
        unrolled<at_once>([&](auto j) { multiply_input(weights + j * input_bytes, input + j * Group); });
        weights += at_once * input_bytes;
        input += at_once * Group;
    }
    for (int64_t i = 0; i < inputs % at_once; ++i) {
        multiply_input(weights, input);
        weights += input_bytes;
        input += Group;
    }
    unrolled<Rows>([&](auto r) {
        unrolled<Panels>([&](auto p) {
            total[p][r].store(outputs[r] + p * panel_width, std::min(panel_width, width - p * panel_width));
        });
    });
}

/// Up to `Panels` panels.
template <typename Type, int Rows, int Group, int Panels>
void multiply(const uint8_t * panel, int64_t inputs, const void * rows, float * const * outputs, int width) {
    if constexpr (Panels > 1)
        if (width <= (Panels - 1) * panel_width)
            return multiply<Type, Rows, Group, Panels - 1>(panel, inputs, rows, outputs, width);
    multiply_panels<Type, Rows, Group, Panels>(panel, inputs, static_cast<const float *>(rows), outputs,
                                               width);
}

template <typename Type> void pack(const void * const * rows, int64_t inputs, uint8_t * panel) {
    using Stored = typename Type::Stored;
    std::memset(panel, 0, static_cast<size_t>(inputs) * panel_width * sizeof(Stored));
    for (int64_t i = 0; i < inputs; ++i)
        for (int output = 0; output < panel_width; ++output)
            if (rows[output])
                std::memcpy(panel + (i * panel_width + output) * static_cast<int64_t>(sizeof(Stored)),
                            static_cast<const Stored *>(rows[output]) + i, sizeof(Stored));
}

template <typename Type> PanelFormat format() {
    PanelFormat made{};
    made.type = Type::type;
    made.inputs = 1;
    made.plane_bytes = block_inputs * panel_width * static_cast<int>(sizeof(typename Type::Stored));
    made.pack = pack<Type>;
    made.single = {multiply<Type, 1, 1, panels_for(1)>, panels_for(1)};
    unrolled<tile_rows>([&](auto r) {
        constexpr int rows = r + 1;
        made.tiles[r] = {multiply<Type, rows, group_rows, panels_for(rows)>, panels_for(rows)};
    });
    made.floats = true;
    return made;
}

} // namespace

const PanelFormat * float_panel_format(ggml_type type) {
    static const PanelFormat f32 = format<F32>(), f16 = format<F16>(), bf16 = format<BF16>();
    switch (type) {
    case GGML_TYPE_F32:
        return &f32;
    case GGML_TYPE_F16:
        return &f16;
    case GGML_TYPE_BF16:
        return &bf16;
    default:
        return nullptr;
    }
}

} // namespace reprise::kernels

#else

namespace reprise::kernels {

const PanelFormat * float_panel_format(ggml_type) {
    return nullptr;
}

} // namespace reprise::kernels

#endif
