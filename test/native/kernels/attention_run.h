#pragma once

#include <functional>
#include <limits>
#include <vector>

#include "ggml.h"

namespace attention_test {

struct Shape {
    int size = 64, heads = 8, kv_heads = 2, rows = 4, cells = 300;
    ggml_type type = GGML_TYPE_F16;
    float bias = 0.0f, cap = 0.0f;
    bool sinks = false;
    int value_size = 0; ///< 0: as the keys'
    int streams = 1;

    int values() const { return value_size ? value_size : size; }
};

/// The mask's value for a row and a cell; -infinity hides the cell.
using Mask = std::function<float(int stream, int row, int cell)>;

inline constexpr float hidden = -std::numeric_limits<float>::infinity();

/// Each row sees the cells up to its own, which are the last.
Mask causal(const Shape & shape);

/// Vectors of floats by name of what they are for.
struct Data {
    std::vector<float> queries; // [stream][row][head][size]
    std::vector<float> keys;    // [stream][cell][kv head][size]
    std::vector<float> values;  // [stream][cell][kv head][value size]
    std::vector<float> sinks;
};

/// Random numbers. Keys and values are what their type can hold.
Data gaussian_data(const Shape & shape, unsigned seed);

/// Output of GGML_OP_FLASH_ATTN_EXT, [stream][row][head][value size]. `positions` gives those of the cells,
/// if not 0, 1, 2, and so on; those below 0 are of empty cells.
std::vector<float> attend(const Shape & shape, const Data & data, const Mask & mask, int threads,
                          const std::vector<int> & positions = {});

std::vector<float> row_of(const Shape & shape, const std::vector<float> & out, int row);

bool is_nan_free(const std::vector<float> & row);

/// What `attend` has to give, in double precision.
std::vector<double> reference(const Shape & shape, const Data & data, const Mask & mask);

} // namespace attention_test
