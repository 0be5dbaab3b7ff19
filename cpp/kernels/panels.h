#pragma once

#include <cstddef>
#include <cstdint>

#include "ggml.h"

namespace reprise::kernels {

/// Weights lie in panels of this many outputs (rows of ggml's matrix). Integers of a panel are interleaved by
/// 4 inputs: 64 bytes hold 4 inputs of 16 outputs, which one instruction multiplies by 4 inputs of a row.
/// Floats are not: an input's 16 weights lie side by side, after those of the input before.
constexpr int panel_width = 16;

/// Rows are prepared in groups of so many.
constexpr int group_rows = 4;

/// Inputs of a block.
constexpr int block_inputs = 32;

/// A block of `Rows` rows of inputs, rounded to 8 bits: input = scale * value. So rows are prepared for
/// weights that are integers with scales. For weights that are floats rows stay floats, a group as
/// [inputs][Rows].
template <int Rows> struct RoundedBlock {
    int8_t values[Rows][block_inputs];
    float scale[Rows];
    /// What a sum of products starts with, since weights are stored with an offset that makes them unsigned:
    /// the negative offset times the sum of the values. For the whole block, or for its halves of 16.
    int32_t start[Rows][2];
    /// scale * the sum of the values; for the whole block, or for its halves.
    float sum[Rows][2];
};

/// A tile of the product: the outputs of some panels for the rows that it is made for.
struct Tile {
    /// `panel`: the first of the panels, which follow each other. `rows`: the rows' group, and those that
    /// follow it. `outputs[i]`: where the outputs of row i go. `width`: how many outputs the panels have, 16
    /// each but for the last.
    using Compute = void (*)(const uint8_t * panel, int64_t inputs, const void * rows,
                             float * const * outputs, int width);
    Compute compute = nullptr;
    /// How many panels it takes at most.
    int panels = 1;
};

/// No tile takes more rows, or more panels.
constexpr int max_rows = 12;
constexpr int max_panels = 4;

/// How weights of a type lie in panels. A panel holds the planes of all its blocks (the bits of the weights,
/// each plane a power of two bits wide), then their scales.
struct PanelFormat {
    ggml_type type;
    /// Inputs that the scales of a panel belong to: 32, or 256 where they are stored relative to a common
    /// one. Floats have no scales: 1.
    int inputs;
    /// Bytes of the planes of 32 inputs, and of the scales of `inputs`; of 16 outputs. Floats lie one input
    /// after the other, as if in planes of their own width.
    int plane_bytes;
    int scale_bytes;
    /// What makes the stored weights unsigned.
    int offset;
    /// Scales belong to 16 inputs, so rows need the sums of half blocks.
    bool half_blocks;

    /// Writes a panel. `rows[i]`: the weights of output i as ggml stores them, null where there is none.
    void (*pack)(const void * const * rows, int64_t inputs, uint8_t * panel);

    /// For a single row, prepared in a group of its own (RoundedBlock<1>, or the row as it is).
    Tile single;
    /// For up to n rows, at index n - 1, prepared in groups of four; without `compute` beyond what the
    /// registers hold.
    Tile tiles[kernels::max_rows];
    /// Weights are floats, so rows are not rounded.
    bool floats = false;

    /// Rows of the largest tile.
    int max_rows() const {
        int rows = kernels::max_rows;
        while (!tiles[rows - 1].compute) --rows;
        return rows;
    }
    size_t panel_bytes(int64_t row) const {
        return static_cast<size_t>(row * plane_bytes / block_inputs + row / inputs * scale_bytes);
    }
};

/// The format for weights of a type; null where this processor has none.
const PanelFormat * panel_format(ggml_type type);

/// The same for those types that are integers with scales, and for those that are floats.
const PanelFormat * rounded_panel_format(ggml_type type);
const PanelFormat * float_panel_format(ggml_type type);

} // namespace reprise::kernels
