#include "kernels/attention.h"

#include "kernels/attention_block.h"

namespace reprise::kernels {
namespace {

/// Partial results of splits take no more room than this; beyond it, a thread computes all splits of its
/// queries.
constexpr int64_t max_partial_floats = int64_t{16} << 20;

/// How the operation is cut into items for threads. A function of shapes and threads alone.
struct Plan {
    int64_t block;        // queries of a block
    int64_t blocks;       // of a K/V head
    int64_t items;        // blocks of all K/V heads and streams
    int64_t max_splits;   // of a stream, where splits are items; 0 where they are not
    int64_t partial_size; // floats of a query's partial result

    Plan(const AttentionOperation & op, int threads) {
        block = AttentionBlock::max_queries(op);
        blocks = (op.queries() + block - 1) / block;
        items = op.streams() * op.kv_heads() * blocks;
        partial_size = AttentionBlock::value_stride(op) + lanes;
        // Twice what a cache without holes has.
        max_splits = 2 * ((op.cells() + split_positions - 1) / split_positions) + 2;
        const bool is_small = all_queries(op) * max_splits * partial_size <= max_partial_floats;
        if (threads == 1 || items >= 4 * threads || op.cells() <= split_positions || !is_small)
            max_splits = 0;
    }

    static int64_t all_queries(const AttentionOperation & op) {
        return op.streams() * op.kv_heads() * op.queries();
    }
};

struct Item {
    int64_t stream, kv_head, first, count;

    Item(const AttentionOperation & op, const Plan & plan, int64_t index)
        : stream(index / plan.blocks / op.kv_heads()), kv_head(index / plan.blocks % op.kv_heads()),
          first(index % plan.blocks * plan.block), count(std::min(plan.block, op.queries() - first)) {}
};

/// Where a query's partial results of one split lie.
struct Partials {
    float * base;
    int64_t splits, size, queries, kv_heads;

    Weighted at(int64_t stream, int64_t kv_head, int64_t query, int64_t split) const {
        float * const one =
            base + (((stream * kv_heads + kv_head) * queries + query) * splits + split) * size;
        return {one, one + 1, one + lanes};
    }
};

/// The threads' buffers, in the order in which they lie.
struct Buffers {
    AttentionBlock block;
    int64_t * starts; // [streams][most splits + 1] where splits begin in the order of positions
    int64_t * counts; // [streams]

    Buffers(const AttentionOperation & op, const Plan & plan, Carver & carver)
        : block(op, carver), starts(carver.take<int64_t>(op.streams() * (plan.max_splits + 1))),
          counts(carver.take<int64_t>(op.streams())) {}
};

size_t buffer_size(const AttentionOperation & op, const Plan & plan) {
    Carver carver(nullptr);
    Buffers(op, plan, carver);
    return carver.used() + 64;
}

/// Finds the splits of all streams; false where a stream has too many.
bool find_splits(const AttentionOperation & op, const Plan & plan, Buffers & buffers) {
    for (int64_t stream = 0; stream < op.streams(); stream++) {
        int64_t * const starts = buffers.starts + stream * (plan.max_splits + 1);
        const int64_t used = op.used_cells(stream);
        int64_t count = 0;
        for (int64_t place = 0; place < used; count++) {
            if (count == plan.max_splits) return false;
            starts[count] = place;
            place = op.range_end(stream, place, used, split_positions);
        }
        starts[count] = used;
        buffers.counts[stream] = count;
    }
    return true;
}

/// Few queries: threads take splits, and join them when all are done.
void compute_by_splits(const ggml_compute_params * params, const AttentionOperation & op, const Plan & plan,
                       Buffers & buffers, const Partials & partials) {
    AttentionBlock & block = buffers.block;
    const int64_t stride = AttentionBlock::value_stride(op);
    int64_t all = 0;
    for (int64_t item = 0; item < plan.items; item++) all += buffers.counts[Item(op, plan, item).stream];
    // Splits that follow each other, so that queries are made ready once.
    const int64_t from = all * params->ith / params->nth, to = all * (params->ith + 1) / params->nth;
    int64_t done = 0;
    for (int64_t index = 0; index < plan.items && done < to; index++) {
        const Item item(op, plan, index);
        const int64_t * const starts = buffers.starts + item.stream * (plan.max_splits + 1);
        bool is_ready = false;
        for (int64_t split = 0; split < buffers.counts[item.stream]; split++, done++) {
            if (done < from || done >= to) continue;
            if (!is_ready) block.begin(item.stream, item.kv_head, item.first, item.count);
            is_ready = true;
            block.weigh_split(starts[split], starts[split + 1]);
            for (int64_t i = 0; i < item.count; i++) {
                const Weighted out = partials.at(item.stream, item.kv_head, item.first + i, split);
                *out.largest = block.split().largest[i];
                *out.sum = block.split().sum[i];
                std::copy_n(block.split().values + i * stride, stride, out.values);
            }
        }
    }
    ggml_barrier(params->threadpool);

    const Weighted & total = block.total();
    for (int64_t index = params->ith; index < Plan::all_queries(op); index += params->nth) {
        const int64_t stream = index / op.queries() / op.kv_heads();
        const int64_t kv_head = index / op.queries() % op.kv_heads(), query = index % op.queries();
        *total.largest = -std::numeric_limits<float>::infinity();
        *total.sum = 0.0f;
        std::fill_n(total.values, stride, 0.0f);
        for (int64_t split = 0; split < buffers.counts[stream]; split++) {
            AttentionBlock::join(total, 0, partials.at(stream, kv_head, query, split), 0, stride);
        }
        AttentionBlock::write(op, stream, kv_head, query, total, 0);
    }
}

/// Many queries: a thread computes all splits of a block.
void compute_by_blocks(const ggml_compute_params * params, const AttentionOperation & op, const Plan & plan,
                       AttentionBlock & block) {
    if (params->nth > 1) {
        if (params->ith == 0) ggml_threadpool_chunk_set(params->threadpool, params->nth);
        ggml_barrier(params->threadpool);
    }
    int64_t index = params->ith;
    while (index < plan.items) {
        const Item item(op, plan, index);
        block.begin(item.stream, item.kv_head, item.first, item.count);
        const int64_t used = op.used_cells(item.stream);
        for (int64_t place = 0; place < used;) {
            const int64_t end = op.range_end(item.stream, place, used, split_positions);
            block.weigh_split(place, end);
            block.join_split();
            place = end;
        }
        for (int64_t i = 0; i < item.count; i++) {
            AttentionBlock::write(op, item.stream, item.kv_head, item.first + i, block.total(), i);
        }
        index = params->nth > 1 ? ggml_threadpool_chunk_add(params->threadpool, 1) : index + 1;
    }
}

bool is_readable(const ggml_tensor * cache) {
    const ggml_type type = cache->type;
    if (cache->nb[0] != ggml_type_size(type)) return false;
    return type == GGML_TYPE_F32 || type == GGML_TYPE_F16 || ggml_get_type_traits(type)->to_float != nullptr;
}

bool is_order(const ggml_tensor * order, int64_t cells, int64_t streams) {
    return order->type == GGML_TYPE_I32 && order->ne[0] == cells && order->ne[1] == 2 &&
           order->ne[2] == streams && ggml_is_contiguous(order);
}

} // namespace

bool takes_attention(const ggml_tensor * op) {
    const ggml_tensor * const q = op->src[0];
    const ggml_tensor * const k = op->src[1];
    const ggml_tensor * const v = op->src[2];
    const ggml_tensor * const mask = op->src[3];
    const ggml_tensor * const order = op->src[5];
    if (q->type != GGML_TYPE_F32 || q->nb[0] != sizeof(float) || !is_readable(k) || !is_readable(v))
        return false;
    if (k->ne[2] != v->ne[2] || k->ne[3] != q->ne[3] || v->ne[3] != q->ne[3]) return false;
    // A device that shares every tensor with others may have no head.
    if (k->ne[1] == 0 || k->ne[2] == 0) return false;
    if (q->ne[2] % k->ne[2] != 0 || op->type != GGML_TYPE_F32 || op->nb[0] != sizeof(float)) return false;
    // Masks that differ by head, or whose cells lie apart, are rare: ggml's own code takes them.
    if (mask && (mask->type != GGML_TYPE_F16 || mask->ne[2] != 1 || mask->nb[0] != sizeof(uint16_t)))
        return false;
    return !order || is_order(order, k->ne[1], q->ne[3]);
}

size_t attention_work_size(int threads, const ggml_tensor * tensor) {
    const AttentionOperation op(tensor);
    const Plan plan(op, threads);
    const int64_t partials = Plan::all_queries(op) * plan.max_splits * plan.partial_size;
    return buffer_size(op, plan) * threads + partials * sizeof(float) + 64;
}

void compute_attention(const ggml_compute_params * params, ggml_tensor * tensor) {
    const AttentionOperation op(tensor);
    const Plan plan(op, params->nth);
    const size_t each = buffer_size(op, plan);
    char * base = static_cast<char *>(params->wdata);
    base += (64 - reinterpret_cast<uintptr_t>(base) % 64) % 64;
    Carver carver(base + each * params->ith);
    Buffers buffers(op, plan, carver);
    if (plan.max_splits > 0 && find_splits(op, plan, buffers)) {
        float * const partials = reinterpret_cast<float *>(base + each * params->nth);
        compute_by_splits(params, op, plan, buffers,
                          {partials, plan.max_splits, plan.partial_size, op.queries(), op.kv_heads()});
    } else {
        compute_by_blocks(params, op, plan, buffers.block);
    }
}

} // namespace reprise::kernels
