#pragma once

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "ggml-cpu-impl.h"

namespace reprise::kernels {

/// Positions whose cells are weighed together: the maximum first, then the sums.
constexpr int tile_positions = 64;
/// Positions whose partial result is formed alone, by whatever thread, before it joins those of earlier
/// positions.
constexpr int split_positions = 256;

/// The shapes and places of a GGML_OP_FLASH_ATTN_EXT. The queries of a K/V head are numbered row by row: the
/// heads of row 0 that share it, then those of row 1.
class AttentionOperation {
public:
    explicit AttentionOperation(const ggml_tensor * op)
        : op_(op), q_(op->src[0]), k_(op->src[1]), v_(op->src[2]), mask_(op->src[3]), sinks_(op->src[4]),
          order_(op->src[5]) {
        float parameters[3];
        std::memcpy(parameters, op->op_params, sizeof(parameters));
        soft_cap = parameters[2];
        scale = soft_cap == 0.0f ? parameters[0] : parameters[0] / soft_cap;
        max_bias_ = parameters[1];
    }

    float scale;
    float soft_cap; // 0 means none

    int64_t rows() const { return q_->ne[1]; }
    int64_t streams() const { return q_->ne[3]; }
    int64_t kv_heads() const { return k_->ne[2]; }
    int64_t group() const { return q_->ne[2] / k_->ne[2]; }
    int64_t queries() const { return rows() * group(); }
    int64_t cells() const { return k_->ne[1]; }
    int64_t key_size() const { return k_->ne[0]; }
    int64_t value_size() const { return v_->ne[0]; }
    ggml_type key_type() const { return k_->type; }
    ggml_type value_type() const { return v_->type; }

    const float * query(int64_t stream, int64_t kv_head, int64_t query) const {
        const int64_t head = kv_head * group() + query % group();
        return reinterpret_cast<const float *>(at(q_, query / group(), head, stream));
    }
    const char * key(int64_t stream, int64_t kv_head, int64_t cell) const {
        return at(k_, cell, kv_head, stream);
    }
    const char * value(int64_t stream, int64_t kv_head, int64_t cell) const {
        return at(v_, cell, kv_head, stream);
    }
    /// F16, one for each cell; null means that every row sees all cells.
    const uint16_t * mask(int64_t stream, int64_t row) const {
        return mask_ ? reinterpret_cast<const uint16_t *>(at(mask_, row, 0, stream % mask_->ne[3])) : nullptr;
    }
    float * output(int64_t stream, int64_t kv_head, int64_t query) const {
        const int64_t head = kv_head * group() + query % group();
        return reinterpret_cast<float *>(at(op_, head, query / group(), stream));
    }

    /// Cells in the order of their positions, and those positions; null means that cell i is at position i.
    const int32_t * cell_order(int64_t stream) const {
        return order_ ? reinterpret_cast<const int32_t *>(at(order_, 0, stream, 0)) : nullptr;
    }
    const int32_t * positions(int64_t stream) const {
        return order_ ? reinterpret_cast<const int32_t *>(at(order_, 1, stream, 0)) : nullptr;
    }
    /// How many cells of the order hold anything; the empty ones are its end.
    int64_t used_cells(int64_t stream) const {
        const int32_t * const all = positions(stream);
        return all ? std::lower_bound(all, all + cells(), INT_MAX) - all : cells();
    }
    /// The first place in the order behind `place` whose position lies in another range of `size` positions.
    int64_t range_end(int64_t stream, int64_t place, int64_t used, int size) const {
        const int32_t * const all = positions(stream);
        if (!all) return std::min(place / size * size + size, used);
        const int32_t last = all[place] | (size - 1);
        // A range seldom holds more cells than positions.
        const int64_t near = std::min(used, place + size);
        if (near == used || all[near] > last) return std::upper_bound(all + place, all + near, last) - all;
        return std::upper_bound(all + near, all + used, last) - all;
    }

    /// What the mask's values are multiplied with for ALiBi.
    float slope(int64_t kv_head, int64_t query) const {
        if (max_bias_ <= 0.0f) return 1.0f;
        const uint32_t head = static_cast<uint32_t>(kv_head * group() + query % group());
        const uint32_t power = 1u << static_cast<uint32_t>(std::floor(std::log2(q_->ne[2])));
        if (head < power) return std::pow(std::pow(2.0f, -max_bias_ / power), static_cast<float>(head + 1));
        return std::pow(std::pow(2.0f, -max_bias_ / 2.0f / power),
                        static_cast<float>(2 * (head - power) + 1));
    }
    bool has_sinks() const { return sinks_ != nullptr; }
    float sink(int64_t kv_head, int64_t query) const {
        return static_cast<const float *>(sinks_->data)[kv_head * group() + query % group()];
    }

private:
    static char * at(const ggml_tensor * tensor, int64_t i1, int64_t i2, int64_t i3) {
        return static_cast<char *>(tensor->data) + i1 * tensor->nb[1] + i2 * tensor->nb[2] +
               i3 * tensor->nb[3];
    }

    const ggml_tensor * op_;
    const ggml_tensor * q_;
    const ggml_tensor * k_;
    const ggml_tensor * v_;
    const ggml_tensor * mask_;
    const ggml_tensor * sinks_;
    const ggml_tensor * order_;
    float max_bias_;
};

} // namespace reprise::kernels
