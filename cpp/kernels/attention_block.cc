#include "kernels/attention_block.h"

namespace reprise::kernels {
namespace {

constexpr uint16_t half_minus_infinity = 0xfc00;

/// The cells of one row of the mask, as bits: which it lets see, and at which it is 0.
void read_mask(const uint16_t * mask, const int32_t * cells, int count, uint64_t & seen, uint64_t & flat) {
    if (!mask) {
        seen = flat = lowest_bits(count);
        return;
    }
    uint16_t values[tile_cells];
    if (cells[count - 1] - cells[0] == count - 1 && std::is_sorted(cells, cells + count)) {
        std::memcpy(values, mask + cells[0], count * sizeof(uint16_t));
    } else {
        for (int i = 0; i < count; i++) values[i] = mask[cells[i]];
    }
    uint16_t any = 0;
    for (int i = 0; i < count; i++) any |= values[i];
    if ((any & 0x7fff) == 0) {
        seen = flat = lowest_bits(count);
        return;
    }
    seen = flat = 0;
    for (int i = 0; i < count; i++) {
        seen |= static_cast<uint64_t>(values[i] != half_minus_infinity) << i;
        flat |= static_cast<uint64_t>((values[i] & 0x7fff) == 0) << i;
    }
}

} // namespace

int64_t AttentionBlock::max_queries(const AttentionOperation & op) {
    const int64_t most = op.key_size() + op.value_size() > 512 ? 128 : 256;
    return std::min(most, op.queries());
}

AttentionBlock::AttentionBlock(const AttentionOperation & op, Carver & carver)
    : op_(op), key_size_(op.key_size()), stride_(value_stride(op)) {
    const int64_t most = max_queries(op);
    query_stride_ = padded(most) + lanes;
    queries_ = carver.take<float>(most * key_size_);
    queries_wide_ = carver.take<float>(query_stride_ * key_size_);
    keys_ = carver.take<float>(tile_cells * key_size_);
    key_rows_ = carver.take<float>(tile_cells * key_size_);
    values_ = carver.take<float>(tile_cells * stride_);
    weights_ = carver.take<float>(tile_cells * tile_cells);
    seen_ = carver.take<uint64_t>(most + 1);
    flat_ = carver.take<uint64_t>(most + 1);
    listed_ = carver.take<int32_t>(op.cells() + 2 * tile_cells);
    key_places_ = carver.take<const char *>(tile_cells);
    value_places_ = carver.take<const char *>(tile_cells);
    for (Weighted * one : {&split_, &total_}) {
        *one = {carver.take<float>(most), carver.take<float>(most), carver.take<float>(most * stride_)};
    }
}

bool AttentionBlock::is_narrow(int64_t queries) const {
    return block_is_narrow_ && queries <= narrow_queries;
}

void AttentionBlock::begin(int64_t stream, int64_t kv_head, int64_t first, int64_t count) {
    stream_ = stream;
    kv_head_ = kv_head;
    first_ = first;
    count_ = count;
    first_row_ = first / op_.group();
    rows_ = (first + count - 1) / op_.group() + 1 - first_row_;
    block_is_narrow_ = count <= narrow_queries;
    prepare_queries();
    std::fill_n(total_.largest, count, -infinity);
    std::fill_n(total_.sum, count, 0.0f);
    std::fill_n(total_.values, count * stride_, 0.0f);
}

void AttentionBlock::prepare_queries() {
    for (int64_t i = 0; i < count_; i++) {
        const float * const query = op_.query(stream_, kv_head_, first_ + i);
        if (block_is_narrow_) {
            for (int64_t d = 0; d < key_size_; d++) queries_[i * key_size_ + d] = query[d] * op_.scale;
        } else {
            for (int64_t d = 0; d < key_size_; d++)
                queries_wide_[d * query_stride_ + i] = query[d] * op_.scale;
        }
    }
    if (block_is_narrow_) return;
    for (int64_t d = 0; d < key_size_; d++) {
        std::fill(queries_wide_ + d * query_stride_ + count_, queries_wide_ + (d + 1) * query_stride_, 0.0f);
    }
}

void AttentionBlock::weigh_split(int64_t from, int64_t to) {
    std::fill_n(split_.largest, count_, -infinity);
    std::fill_n(split_.sum, count_, 0.0f);
    std::fill_n(split_.values, count_ * stride_, 0.0f);
    const int32_t * const order = op_.cell_order(stream_);
    for (int64_t place = from; place < to;) {
        const int64_t end = op_.range_end(stream_, place, to, tile_positions);
        if (order) {
            weigh_tile(order + place, end - place);
        } else {
            int32_t cells[tile_cells];
            for (int64_t i = place; i < end; i++) cells[i - place] = static_cast<int32_t>(i);
            weigh_tile(cells, end - place);
        }
        place = end;
    }
}

uint64_t AttentionBlock::look(const int32_t * cells, int count, int64_t first_row, int64_t rows) {
    uint64_t any = 0;
    for (int64_t row = first_row; row < first_row + rows; row++) {
        read_mask(op_.mask(stream_, first_row_ + row), cells, count, seen_[row], flat_[row]);
        any |= seen_[row];
    }
    return any;
}

void AttentionBlock::weigh_tile(const int32_t * cells, int64_t count) {
    if (count <= tile_cells) {
        const uint64_t any = look(cells, static_cast<int>(count), 0, rows_);
        if (any == 0) return;
        if (any == lowest_bits(static_cast<int>(count))) {
            weigh_cells(cells, static_cast<int>(count), 0, count_);
            return;
        }
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (any >> i & 1) listed_[kept++] = cells[i];
        }
        look(listed_, kept, 0, rows_);
        weigh_cells(listed_, kept, 0, count_);
        return;
    }

    // Other sequences have cells at these positions: first what any row sees, and if that is too much, row by
    // row.
    const auto list = [&](int64_t first_row, int64_t rows) {
        int64_t kept = 0;
        for (int64_t from = 0; from < count; from += tile_cells) {
            const int part = static_cast<int>(std::min<int64_t>(tile_cells, count - from));
            const uint64_t any = look(cells + from, part, first_row, rows);
            for (int i = 0; any && i < part; i++) {
                if (any >> i & 1) listed_[kept++] = cells[from + i];
            }
        }
        return kept;
    };
    const int64_t all = list(0, rows_);
    if (all == 0) return;
    if (all <= tile_cells) {
        look(listed_, static_cast<int>(all), 0, rows_);
        weigh_cells(listed_, static_cast<int>(all), 0, count_);
        return;
    }
    for (int64_t row = 0; row < rows_; row++) {
        const int64_t kept = list(row, 1);
        if (kept == 0) continue;
        if (kept > tile_cells) {
            weigh_many_cells(listed_, kept, row);
            continue;
        }
        look(listed_, static_cast<int>(kept), row, 1);
        weigh_cells(listed_, static_cast<int>(kept), first_of(row), first_of(row + 1) - first_of(row));
    }
}

void AttentionBlock::weigh_cells(const int32_t * cells, int count, int64_t first, int64_t queries) {
    const bool narrow = is_narrow(queries);
    load_keys(cells, count, queries);
    load_values(cells, count, first, queries);
    float largest[tile_cells + lanes];
    for (int64_t from = first; from < first + queries; from += tile_cells) {
        const int some = static_cast<int>(std::min<int64_t>(tile_cells, first + queries - from));
        uint64_t any = 0;
        for (int64_t row = row_of(from); row <= row_of(from + some - 1); row++) any |= seen_[row];
        if (any == 0) continue;
        if (from == first) prefetch_values(cells, count);
        score(cells, count, from, some, narrow);
        if (from == first) prefetch_keys(cells, count);
        std::fill(largest, largest + tile_cells + lanes, -infinity);
        std::copy_n(split_.largest + from, some, largest);
        find_largest(count, some, narrow, largest);
        raise(from, some, largest);
        add_values(count, from, some, narrow);
    }
}

void AttentionBlock::prefetch_values(const int32_t * cells, int count) const {
    const auto size = static_cast<int64_t>(ggml_row_size(op_.value_type(), op_.value_size()));
    for (int i = 0; i < count; i++) prefetch(op_.value(stream_, kv_head_, cells[i]), size);
}

void AttentionBlock::prefetch_keys(const int32_t * cells, int count) const {
    const auto size = static_cast<int64_t>(ggml_row_size(op_.key_type(), key_size_));
    for (int i = 0; i < count; i++) {
        // The next tile's, if the cells lie in the order of their positions, as they mostly do.
        const int64_t next = cells[i] + tile_cells;
        if (next < op_.cells()) prefetch(op_.key(stream_, kv_head_, next), size);
    }
}

void AttentionBlock::weigh_many_cells(const int32_t * cells, int64_t count, int64_t row) {
    const int64_t from = first_of(row), to = first_of(row + 1);
    float largest[tile_cells + lanes];
    for (int64_t first = from; first < to; first += tile_cells) {
        const int queries = static_cast<int>(std::min<int64_t>(tile_cells, to - first));
        const bool narrow = is_narrow(queries);
        std::fill(largest, largest + tile_cells + lanes, -infinity);
        std::copy_n(split_.largest + first, queries, largest);
        for (const bool is_adding : {false, true}) {
            for (int64_t at = 0; at < count; at += tile_cells) {
                const int part = static_cast<int>(std::min<int64_t>(tile_cells, count - at));
                look(cells + at, part, row, 1);
                load_keys(cells + at, part, queries);
                score(cells + at, part, first, queries, narrow);
                if (is_adding) {
                    load_values(cells + at, part, first, queries);
                    add_values(part, first, queries, narrow);
                } else {
                    find_largest(part, queries, narrow, largest);
                }
            }
            if (!is_adding) raise(first, queries, largest);
        }
    }
}

void AttentionBlock::join_split() {
    for (int64_t i = 0; i < count_; i++) join(total_, i, split_, i, stride_);
}

void AttentionBlock::join(const Weighted & whole, int64_t i, const Weighted & part, int64_t j,
                          int64_t stride) {
    const float mine = whole.largest[i], other = part.largest[j];
    // It saw nothing there. (With NaN for scores alone, the sum is NaN.)
    if (other == -infinity && part.sum[j] == 0.0f) return;
    const float top = std::max(mine, other);
    const float keeps = mine == -infinity ? 0.0f : scalar_exp_of_negative(mine - top);
    const float takes = other == -infinity ? 1.0f : scalar_exp_of_negative(other - top);
    whole.largest[i] = top;
    whole.sum[i] = scalar_fma(part.sum[j], takes, whole.sum[i] * keeps);
    float * const to = whole.values + i * stride;
    const float * const from = part.values + j * stride;
    for (int64_t d = 0; d < stride; d += lanes) {
        const Vec kept = multiply(load(to + d), broadcast(keeps));
        store(to + d, fma(load(from + d), broadcast(takes), kept));
    }
}

void AttentionBlock::write(const AttentionOperation & op, int64_t stream, int64_t kv_head, int64_t query,
                           const Weighted & whole, int64_t i) {
    float sum = whole.sum[i], factor = 1.0f;
    if (op.has_sinks()) {
        const float sink = op.sink(kv_head, query), largest = whole.largest[i];
        if (sink > largest) {
            factor =
                largest == -infinity ? (sum == 0.0f ? 0.0f : 1.0f) : scalar_exp_of_negative(largest - sink);
            sum = scalar_fma(sum, factor, 1.0f);
        } else {
            sum += scalar_exp_of_negative(sink - largest);
        }
    }
    factor = sum == 0.0f ? 0.0f : factor / sum;
    float * const to = op.output(stream, kv_head, query);
    const float * const from = whole.values + i * value_stride(op);
    for (int64_t d = 0; d < op.value_size(); d++) to[d] = from[d] * factor;
}

} // namespace reprise::kernels
