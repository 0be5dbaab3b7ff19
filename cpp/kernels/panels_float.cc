// Tiles for weights that are floats: F32, F16 and BF16, multiplied by rows that are floats.

// ggml-cpu-impl.h defines what MSVC does not say about AVX2.
#include <algorithm>

#include "ggml-cpu-impl.h"

#include "kernels/float_vector.h"
#include "kernels/panels.h"

#if defined(REPRISE_VECTOR_HALF) && !defined(REPRISE_VECTOR_NEON)

#include "kernels/unrolled.h"

namespace reprise::kernels {
namespace {

Vec load_weights(const float * at) {
    return load(at);
}
Vec load_weights(const ggml_fp16_t * at) {
    return load_half(at);
}
Vec load_weights(const ggml_bf16_t * at) {
    return load_bfloat(&at->bits);
}

/// What the registers hold: sums of so many rows and panels.
constexpr bool many_registers = vector_registers > 16;
constexpr int tile_rows = many_registers ? 12 : 6;
constexpr int panels_for(int rows) {
    return rows == 1 ? 4 : rows <= (many_registers ? 4 : 2) ? 2 : 1;
}
static_assert(tile_rows <= max_rows && panels_for(1) <= max_panels);

/// Inputs whose products are added one after the other. A longer chain of additions would lose the bits of
/// small products, so the sums of such stretches are added in their turn.
constexpr int64_t stretch_inputs = 256;

/// Products are added in the order of inputs, in tiles of any size: this gives the same bits for a row
/// whatever rows and panels it shares a tile with. Sums of several rows or panels hide how long each addition
/// takes.
template <typename Stored, int Rows, int Group, int Panels>
void multiply_panels(const uint8_t * panel, int64_t inputs, const float * rows, float * const * outputs,
                     int width) {
    // Vectors of a panel lie side by side, panels one after the other.
    constexpr int parts = panel_width / lanes, vectors = Panels * parts;
    const int64_t panel_floats = inputs * panel_width;
    const int64_t group_floats = inputs * Group;
    const auto * weights = reinterpret_cast<const Stored *>(panel);
    Vec total[vectors * Rows];
    unrolled<vectors * Rows>([&](auto i) { total[i] = broadcast(0.0f); });
    for (int64_t begin = 0; begin < inputs; begin += stretch_inputs) {
        const int64_t end = std::min(inputs, begin + stretch_inputs);
        Vec sum[vectors * Rows];
        unrolled<vectors * Rows>([&](auto i) { sum[i] = broadcast(0.0f); });
        for (int64_t i = begin; i < end; ++i) {
            Vec loaded[vectors];
            unrolled<vectors>([&](auto v) {
                loaded[v] = load_weights(weights + v / parts * panel_floats + v % parts * lanes);
            });
            unrolled<Rows>([&](auto r) {
                const Vec input = broadcast(rows[r / Group * group_floats + r % Group]);
                unrolled<vectors>(
                    [&](auto v) { sum[r * vectors + v] = fma(loaded[v], input, sum[r * vectors + v]); });
            });
            weights += panel_width;
            rows += Group;
        }
        unrolled<vectors * Rows>([&](auto i) { total[i] = add(total[i], sum[i]); });
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
