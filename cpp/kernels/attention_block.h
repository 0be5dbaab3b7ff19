#pragma once

#include <limits>

#include "kernels/attention_operation.h"
#include "kernels/attention_tile.h"

namespace reprise::kernels {

// A range of tile_positions positions without an order of its own is listed as one tile of cells, and a
// tile's cells are bits of a word.
static_assert(tile_positions == tile_cells && tile_cells <= 64);

constexpr float infinity = std::numeric_limits<float>::infinity();

/// Up to so many queries, cells lie along the vectors and keys are transposed; from there on queries do.
constexpr int64_t narrow_queries = lanes == 1 ? 0 : lanes == 4 ? 3 : lanes == 8 ? 5 : 8;

/// `n` in whole vectors.
constexpr int padded(int64_t n) {
    return static_cast<int>((n + lanes - 1) / lanes * lanes);
}

inline float scalar_fma(float a, float b, float c) {
    return lanes == 1 ? a * b + c : std::fma(a, b, c);
}

inline uint64_t lowest_bits(int count) {
    return count == 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}

/// For each query: the largest score so far, the sum of the weights exp(score - largest), and the values by
/// weight.
struct Weighted {
    float * largest;
    float * sum;
    float * values; // [queries][stride]
};

/// Hands out parts of a buffer, or counts what they need where there is none.
class Carver {
public:
    explicit Carver(void * base) : base_(static_cast<char *>(base)) {}
    template <class T> T * take(int64_t count) {
        T * const part = base_ ? reinterpret_cast<T *>(base_ + used_) : nullptr;
        used_ += (static_cast<size_t>(count) * sizeof(T) + 63) / 64 * 64;
        return part;
    }
    size_t used() const { return used_; }

private:
    char * base_;
    size_t used_ = 0;
};

/// A block of queries that share a K/V head, and one thread's work on them.
///
/// Whatever else is computed beside it, the result of a query is the same to the last bit: the cells that it
/// sees are taken in the order of their positions, in tiles and splits that are ranges of positions. A cell
/// that a query does not see adds exactly nothing to it, not even where the cell holds NaN.
class AttentionBlock {
public:
    /// Takes its buffers from `carver`.
    AttentionBlock(const AttentionOperation & op, Carver & carver);

    /// The most queries of a block.
    static int64_t max_queries(const AttentionOperation & op);
    /// Floats between the values of queries.
    static int64_t value_stride(const AttentionOperation & op) {
        return (op.value_size() + lanes - 1) / lanes * lanes;
    }

    /// Makes ready for queries `first` to `first + count`.
    void begin(int64_t stream, int64_t kv_head, int64_t first, int64_t count);
    /// Weighs the cells at places `from` to `to` of the order of positions, which are a split.
    void weigh_split(int64_t from, int64_t to);
    /// The result of the last split.
    const Weighted & split() const { return split_; }
    /// Joins what begin() cleared with the last split.
    void join_split();
    const Weighted & total() const { return total_; }

    /// Joins `part`, of later positions, to `whole`, for one query each.
    static void join(const Weighted & whole, int64_t i, const Weighted & part, int64_t j, int64_t stride);
    /// Writes the result of a query (of the K/V head's, not of the block's).
    static void write(const AttentionOperation & op, int64_t stream, int64_t kv_head, int64_t query,
                      const Weighted & whole, int64_t i);

private:
    void prepare_queries();
    void weigh_tile(const int32_t * cells, int64_t count);
    /// Fills seen_ and flat_ for the cells that are listed; returns the cells that any row sees.
    uint64_t look(const int32_t * cells, int count, int64_t first_row, int64_t rows);
    /// Weighs `count` cells, at most tile_cells, for `queries` queries of the block from `first` on.
    void weigh_cells(const int32_t * cells, int count, int64_t first, int64_t queries);
    void weigh_many_cells(const int32_t * cells, int64_t count, int64_t row);
    void prefetch_values(const int32_t * cells, int count) const;
    void prefetch_keys(const int32_t * cells, int count) const;
    void load_keys(const int32_t * cells, int count, int64_t queries);
    void load_values(const int32_t * cells, int count, int64_t first, int64_t queries);
    /// Scores of at most tile_cells queries, masked. Narrow: [query][tile_cells], else [cell][width].
    void score(const int32_t * cells, int count, int64_t first, int queries, bool narrow);
    void mask_narrow(const int32_t * cells, int count, int64_t first, int queries);
    void mask_wide(const int32_t * cells, int count, int64_t first, int queries, int width);
    void find_largest(int count, int queries, bool narrow, float * largest) const;
    void raise(int64_t first, int queries, const float * largest);
    void add_values(int count, int64_t first, int queries, bool narrow);

    bool is_narrow(int64_t queries) const;
    int64_t row_of(int64_t query) const { return (first_ + query) / op_.group() - first_row_; }
    /// The first of the block's queries that belong to a row, or to one after it.
    int64_t first_of(int64_t row) const {
        return std::clamp<int64_t>((first_row_ + row) * op_.group() - first_, 0, count_);
    }

    const AttentionOperation & op_;
    const int64_t key_size_;
    const int64_t stride_;

    int64_t stream_ = 0, kv_head_ = 0, first_ = 0, count_ = 0, first_row_ = 0, rows_ = 0;
    bool block_is_narrow_ = false;
    bool keys_are_halves_ = false;   // the tile's keys are read where they lie
    bool values_are_halves_ = false; // the tile's values are read where they lie
    bool values_are_finite_ = true;  // or all queries see all cells
    uint64_t tile_ = 0;              // a bit for each cell of the tile

    int64_t query_stride_ = 0;
    float * queries_;      // [query][key size]
    float * queries_wide_; // [key size][query_stride_]
    float * keys_;         // [cell][key size], or transposed
    float * key_rows_;     // [cell][key size], on the way to being transposed
    float * values_;       // [cell][stride]
    float * weights_;      // scores first
    uint64_t * seen_;      // [row] bits of cells
    uint64_t * flat_;      // [row] bits of cells whose mask is 0
    int32_t * listed_;     // [cells]
    const char ** key_places_;
    const char ** value_places_;
    Weighted split_, total_;
};

} // namespace reprise::kernels
