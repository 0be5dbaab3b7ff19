// Tiles for weights that are floats: F32, F16 and BF16, multiplied by rows that are floats.

// ggml-cpu-impl.h defines what MSVC does not say about AVX2.
#include "ggml-cpu-impl.h"

#if defined(__AVX512F__) || (defined(__AVX2__) && defined(__FMA__) && defined(__F16C__))
#define REPRISE_FLOAT_PANELS
#endif

#include "kernels/panels.h"

#ifdef REPRISE_FLOAT_PANELS

#include <immintrin.h>

#include <cstring>

#include "kernels/unrolled.h"

namespace reprise::kernels {
namespace {

#if defined(__AVX512F__)

/// Numbers for so many outputs of a panel.
using Vector = __m512;
constexpr int lanes = 16;

Vector zero() {
    return _mm512_setzero_ps();
}
Vector broadcast(float value) {
    return _mm512_set1_ps(value);
}
Vector add_product(Vector total, Vector weights, Vector input) {
    return _mm512_fmadd_ps(weights, input, total);
}
Vector load(const float * at) {
    return _mm512_loadu_ps(at);
}
Vector load(const ggml_fp16_t * at) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(at)));
}
Vector load(const ggml_bf16_t * at) {
    const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(at));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}
void store(float * to, Vector values) {
    _mm512_storeu_ps(to, values);
}

/// What the registers hold: sums of so many rows and panels.
constexpr int tile_rows = 12;
constexpr int panels_for(int rows) {
    return rows == 1 ? 4 : rows <= 4 ? 2 : 1;
}

#else

using Vector = __m256;
constexpr int lanes = 8;

Vector zero() {
    return _mm256_setzero_ps();
}
Vector broadcast(float value) {
    return _mm256_set1_ps(value);
}
Vector add_product(Vector total, Vector weights, Vector input) {
    return _mm256_fmadd_ps(weights, input, total);
}
Vector load(const float * at) {
    return _mm256_loadu_ps(at);
}
Vector load(const ggml_fp16_t * at) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i *>(at)));
}
Vector load(const ggml_bf16_t * at) {
    const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i *>(at));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}
void store(float * to, Vector values) {
    _mm256_storeu_ps(to, values);
}

constexpr int tile_rows = 6;
constexpr int panels_for(int rows) {
    return rows == 1 ? 4 : rows == 2 ? 2 : 1;
}

#endif

/// Products are added one after the other in the order of inputs, in tiles of any size: this gives the same
/// bits for a row whatever rows and panels it shares a tile with. Sums of several rows or panels hide how
/// long each addition takes.
template <typename Stored, int Rows, int Group, int Panels>
void multiply_panels(const uint8_t * panel, int64_t inputs, const float * rows, float * const * outputs,
                     int width) {
    // Vectors of a panel lie side by side, panels one after the other.
    constexpr int parts = panel_width / lanes, vectors = Panels * parts;
    const int64_t panel_floats = inputs * panel_width;
    const int64_t group_floats = inputs * Group;
    const auto * weights = reinterpret_cast<const Stored *>(panel);
    Vector total[vectors * Rows];
    unrolled<vectors * Rows>([&](auto i) { total[i] = zero(); });
    for (int64_t i = 0; i < inputs; ++i) {
        Vector loaded[vectors];
        unrolled<vectors>(
            [&](auto v) { loaded[v] = load(weights + v / parts * panel_floats + v % parts * lanes); });
        unrolled<Rows>([&](auto r) {
            const Vector input = broadcast(rows[r / Group * group_floats + r % Group]);
            unrolled<vectors>([&](auto v) {
                total[r * vectors + v] = add_product(total[r * vectors + v], loaded[v], input);
            });
        });
        weights += panel_width;
        rows += Group;
    }
    unrolled<Rows>([&](auto r) {
        unrolled<Panels>([&](auto p) {
            float values[panel_width];
            float * const to = outputs[r] + p * panel_width;
            const int count = width - p * panel_width;
            float * const whole = count >= panel_width ? to : values;
            unrolled<parts>(
                [&](auto part) { store(whole + part * lanes, total[r * vectors + p * parts + part]); });
            if (count > 0 && count < panel_width)
                std::memcpy(to, values, static_cast<size_t>(count) * sizeof(float));
        });
    });
}

/// Up to `Panels` panels.
template <typename Stored, int Rows, int Group, int Panels>
void multiply(const uint8_t * panel, int64_t inputs, const void * rows, float * const * outputs, int width) {
    if constexpr (Panels > 1)
        if (width <= (Panels - 1) * panel_width)
            return multiply<Stored, Rows, Group, Panels - 1>(panel, inputs, rows, outputs, width);
    multiply_panels<Stored, Rows, Group, Panels>(panel, inputs, static_cast<const float *>(rows), outputs,
                                                 width);
}

template <typename Stored> void pack(const void * const * rows, int64_t inputs, uint8_t * panel) {
    std::memset(panel, 0, static_cast<size_t>(inputs) * panel_width * sizeof(Stored));
    for (int64_t i = 0; i < inputs; ++i)
        for (int output = 0; output < panel_width; ++output)
            if (rows[output])
                std::memcpy(panel + (i * panel_width + output) * static_cast<int64_t>(sizeof(Stored)),
                            static_cast<const Stored *>(rows[output]) + i, sizeof(Stored));
}

template <typename Stored> PanelFormat format(ggml_type type) {
    PanelFormat made{};
    made.type = type;
    made.inputs = 1;
    made.plane_bytes = block_inputs * panel_width * static_cast<int>(sizeof(Stored));
    made.pack = pack<Stored>;
    made.single = {multiply<Stored, 1, 1, panels_for(1)>, panels_for(1)};
    unrolled<tile_rows>([&](auto r) {
        constexpr int rows = r + 1;
        made.tiles[r] = {multiply<Stored, rows, group_rows, panels_for(rows)>, panels_for(rows)};
    });
    made.floats = true;
    return made;
}

} // namespace

const PanelFormat * float_panel_format(ggml_type type) {
    static const PanelFormat f32 = format<float>(GGML_TYPE_F32), f16 = format<ggml_fp16_t>(GGML_TYPE_F16),
                             bf16 = format<ggml_bf16_t>(GGML_TYPE_BF16);
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
