// The arithmetic of one tile of cells: scores, weights and the sum of values.

#include "kernels/attention_block.h"

namespace reprise::kernels {
namespace {

void scale_row(float * row, float factor, int64_t n) {
    for (int64_t d = 0; d < n; d += lanes) store(row + d, multiply(load(row + d), broadcast(factor)));
}

} // namespace

void AttentionBlock::load_keys(const int32_t * cells, int count, int64_t queries) {
    const bool narrow = is_narrow(queries);
    keys_are_halves_ = false;
    const ggml_type type = op_.key_type();
    tile_ = lowest_bits(count);
    if (!narrow) {
        for (int i = 0; i < count; i++) {
            row_to_float(type, op_.key(stream_, kv_head_, cells[i]), keys_ + i * key_size_, key_size_);
        }
        return;
    }
#if defined(REPRISE_TRANSPOSES_HALVES)
    if (type == GGML_TYPE_F16 && key_size_ % 8 == 0) {
        const int all = (count + 2 * lanes - 1) / (2 * lanes) * (2 * lanes);
        for (int i = 0; i < all; i++)
            key_places_[i] = op_.key(stream_, kv_head_, cells[std::min(i, count - 1)]);
        keys_are_halves_ = queries <= max_queries_of_halves;
        if (!keys_are_halves_) transpose_halves(key_places_, keys_, all, key_size_);
        return;
    }
#endif
    for (int i = 0; i < padded(count); i++) {
        const char * const row = op_.key(stream_, kv_head_, cells[std::min(i, count - 1)]);
        row_to_float(type, row, key_rows_ + i * key_size_, key_size_);
    }
    transpose_floats(key_rows_, key_size_, keys_, padded(count), key_size_);
}

void AttentionBlock::load_values(const int32_t * cells, int count, int64_t first, int64_t queries) {
    const ggml_type type = op_.value_type();
    const int64_t size = op_.value_size();
    bool all_seen = true;
    for (int64_t row = row_of(first); row <= row_of(first + queries - 1); row++)
        all_seen &= seen_[row] == tile_;
    values_are_finite_ = true;
    values_are_halves_ = false;
#if defined(REPRISE_VECTOR_HALF)
    if (type == GGML_TYPE_F16 && all_seen && size == stride_ && queries <= 12) {
        values_are_halves_ = true;
        for (int i = 0; i < count; i++) value_places_[i] = op_.value(stream_, kv_head_, cells[i]);
        return;
    }
#endif
    for (int i = 0; i < count; i++) {
        float * const to = values_ + i * stride_;
        row_to_float(type, op_.value(stream_, kv_head_, cells[i]), to, size);
        std::fill(to + size, to + stride_, 0.0f);
    }
    if (all_seen) return;
    // x - x is 0 but for infinities and NaN.
    Vec odd = broadcast(0.0f);
    for (int64_t i = 0; i < count * stride_; i += lanes) {
        const Vec x = load(values_ + i);
        odd = add(odd, subtract(x, x));
    }
    float odds[lanes];
    store(odds, odd);
    for (const float one : odds) values_are_finite_ &= one == 0.0f;
}

void AttentionBlock::score(const int32_t * cells, int count, int64_t first, int queries, bool narrow) {
    const int width = narrow ? tile_cells : padded(queries);
    const int depth = static_cast<int>(key_size_);
#if defined(REPRISE_TRANSPOSES_HALVES)
    if (keys_are_halves_) {
        const int all = (count + 2 * lanes - 1) / (2 * lanes) * (2 * lanes);
        multiply_halves(queries_ + first * key_size_, queries, key_places_, weights_, all, key_size_);
    } else
#endif
        if (narrow) {
        const float * const left = queries_ + first * key_size_;
        multiply_matrices<false>(weights_, width, left, key_size_, 1, FloatRows{keys_, tile_cells}, queries,
                                 depth, padded(count));
    } else {
        const FloatRows right{queries_wide_ + first, query_stride_};
        multiply_matrices<false>(weights_, width, keys_, key_size_, 1, right, count, depth, width);
    }
    if (op_.soft_cap != 0.0f) {
        const int lines = narrow ? queries : count, length = narrow ? padded(count) : width;
        for (int i = 0; i < lines; i++) {
            for (int j = 0; j < length; j += lanes) {
                float * const at = weights_ + i * width + j;
                store(at, multiply(tanh_of(load(at)), broadcast(op_.soft_cap)));
            }
        }
    }
    if (narrow) {
        mask_narrow(cells, count, first, queries);
    } else {
        mask_wide(cells, count, first, queries, width);
    }
}

void AttentionBlock::mask_narrow(const int32_t * cells, int count, int64_t first, int queries) {
    for (int i = 0; i < queries; i++) {
        const int64_t row = row_of(first + i);
        float * const scores = weights_ + i * tile_cells;
        if (flat_[row] != seen_[row]) {
            const uint16_t * const mask = op_.mask(stream_, first_row_ + row);
            const float slope = op_.slope(kv_head_, first_ + first + i);
            for (int j = 0; j < count; j++) {
                scores[j] = scalar_fma(slope, GGML_CPU_FP16_TO_FP32(mask[cells[j]]), scores[j]);
            }
        }
        if (seen_[row] == tile_ && count % lanes == 0) continue;
        for (int j = 0; j < count; j += lanes) {
            const auto bits = static_cast<uint32_t>(seen_[row] >> j);
            store(scores + j, keep(load(scores + j), bits, broadcast(-infinity)));
        }
    }
}

void AttentionBlock::mask_wide(const int32_t * cells, int count, int64_t first, int queries, int width) {
    for (int from = 0; from < queries; from += lanes) {
        const int some = std::min(lanes, queries - from);
        bool all_seen = true;
        for (int i = 0; i < some; i++) {
            const int64_t row = row_of(first + from + i);
            all_seen &= seen_[row] == tile_;
            if (flat_[row] == seen_[row]) continue;
            const uint16_t * const mask = op_.mask(stream_, first_row_ + row);
            const float slope = op_.slope(kv_head_, first_ + first + from + i);
            for (int j = 0; j < count; j++) {
                float & score = weights_[j * width + from + i];
                score = scalar_fma(slope, GGML_CPU_FP16_TO_FP32(mask[cells[j]]), score);
            }
        }
        if (all_seen) continue;
        uint32_t bits[tile_cells] = {};
        for (int i = 0; i < some;) {
            const int64_t row = row_of(first + from + i);
            uint32_t mine = 0;
            for (; i < some && row_of(first + from + i) == row; i++) mine |= 1u << i;
            for (int j = 0; j < count; j++) bits[j] |= (seen_[row] >> j & 1) ? mine : 0;
        }
        for (int j = 0; j < count; j++) {
            float * const at = weights_ + j * width + from;
            store(at, keep(load(at), bits[j], broadcast(-infinity)));
        }
    }
}

void AttentionBlock::find_largest(int count, int queries, bool narrow, float * largest) const {
    if (narrow) {
        for (int i = 0; i < queries; i++) {
            Vec most = broadcast(largest[i]);
            for (int j = 0; j < count; j += lanes) most = larger(load(weights_ + i * tile_cells + j), most);
            largest[i] = largest_lane(most);
        }
        return;
    }
    const int width = padded(queries);
    for (int i = 0; i < width; i += lanes) {
        Vec most = load(largest + i);
        for (int j = 0; j < count; j++) most = larger(load(weights_ + j * width + i), most);
        store(largest + i, most);
    }
}

void AttentionBlock::raise(int64_t first, int queries, const float * largest) {
    for (int i = 0; i < queries; i++) {
        float & old = split_.largest[first + i];
        if (!(largest[i] > old)) continue;
        if (old != -infinity) {
            const float factor = scalar_exp_of_negative(old - largest[i]);
            split_.sum[first + i] *= factor;
            scale_row(split_.values + (first + i) * stride_, factor, stride_);
        }
        old = largest[i];
    }
}

void AttentionBlock::add_values(int count, int64_t first, int queries, bool narrow) {
    const int width = narrow ? tile_cells : padded(queries);
    float * const sums = split_.sum + first;
    const float * const largest = split_.largest + first;
    // A query that has seen nothing yet has weights of exp(-inf - 0).
    const auto shift = [&](int i) { return largest[i] == -infinity ? 0.0f : largest[i]; };
    if (narrow) {
        for (int i = 0; i < queries; i++) {
            const Vec top = broadcast(shift(i));
            for (int j = 0; j < count; j += lanes) {
                float * const at = weights_ + i * width + j;
                store(at, exp_of_negative(subtract(load(at), top)));
            }
        }
        float added[tile_cells];
        std::copy_n(sums, queries, added);
        for (int j = 0; j < count; j++) {
            for (int i = 0; i < queries; i++) added[i] += weights_[i * width + j];
        }
        std::copy_n(added, queries, sums);
    } else {
        float shifts[tile_cells + lanes] = {}, added[tile_cells + lanes] = {};
        for (int i = 0; i < queries; i++) shifts[i] = shift(i);
        std::copy_n(sums, queries, added);
        for (int i = 0; i < width; i += lanes) {
            const Vec top = load(shifts + i);
            Vec sum = load(added + i);
            for (int j = 0; j < count; j++) {
                float * const at = weights_ + j * width + i;
                const Vec weight = exp_of_negative(subtract(load(at), top));
                store(at, weight);
                sum = add(sum, weight);
            }
            store(added + i, sum);
        }
        std::copy_n(added, queries, sums);
    }

    float * const out = split_.values + first * stride_;
    const int64_t row = narrow ? width : 1, step = narrow ? 1 : width;
    const int columns = static_cast<int>(stride_);
#if defined(REPRISE_VECTOR_HALF)
    if (values_are_halves_) {
        multiply_matrices<true>(out, stride_, weights_, row, step, HalfRows{value_places_}, queries, count,
                                columns);
        return;
    }
#endif
    if (values_are_finite_) {
        const FloatRows right{values_, stride_};
        multiply_matrices<true>(out, stride_, weights_, row, step, right, queries, count, columns);
        return;
    }
    // 0 * NaN is not 0: only cells that a query sees are multiplied.
    for (int i = 0; i < queries; i++) {
        for (int j = 0; j < count; j++) {
            if (!(seen_[row_of(first + i)] >> j & 1)) continue;
            const Vec weight = broadcast(weights_[i * row + j * step]);
            for (int d = 0; d < columns; d += lanes) {
                float * const at = out + i * stride_ + d;
                store(at, fma(weight, load(values_ + j * stride_ + d), load(at)));
            }
        }
    }
}

} // namespace reprise::kernels
