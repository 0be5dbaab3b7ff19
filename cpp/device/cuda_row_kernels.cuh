#pragma once

#include "device/cuda_block.cuh"
#include "device/walk.h"

// The kernels of a scan.

namespace reprise::device {

/// What all kernels of a scan work with. All of it is the device's memory but for what begins with `host_`,
/// which is pinned memory of the host.
struct ScanData {
    const float * logits;
    int vocabulary_size;
    const RowRequest * requests;
    const TreeRequest * trees;
    const draft::Token * tokens;
    const int32_t * parents;

    Best * chunk_best;
    Best * best;
    ChunkKept * chunk_kept;
    Kept * kept;
    draft::Token * choices;

    Kept * host_kept;
    int32_t * host_paths;   ///< A node's place is its tree's first plus the depth.
    int32_t * host_lengths; ///< by tree

    __device__ const float * row(int index) const {
        return logits + static_cast<int64_t>(index) * vocabulary_size;
    }
};

/// Grid: chunks × rows.
static __global__ void __launch_bounds__(threads_of_block) choose_chunks(ScanData data) {
    const int chunk = blockIdx.x, row = blockIdx.y;
    const Best best = merge_block(
        best_of_thread(data.row(row), data.vocabulary_size, chunk, static_cast<int>(threadIdx.x)));
    if (threadIdx.x == 0) data.chunk_best[row * gridDim.x + chunk] = best;
}

/// Grid: rows, of a warp each.
static __global__ void __launch_bounds__(warp_size) choose_rows(ScanData data, int chunks) {
    const int row = blockIdx.x;
    const Best best =
        merge_warp(best_of_chunks(data.chunk_best + row * chunks, chunks, static_cast<int>(threadIdx.x)));
    if (threadIdx.x > 0) return;
    data.best[row] = best;
    data.choices[row] = data.requests[row].draw == RowDraw::highest && best.at[0].logit > lowest
                            ? best.at[0].token
                            : no_choice;
}

__device__ void sieve_chunk(const ScanData & data, int row, int chunk, KeptList & list, ChunkKept & out) {
    const SieveRule rule = sieve_rule(data.requests[row], data.best[row]);
    float scores[items_of_thread];
    const int thread = static_cast<int>(threadIdx.x);
    const TwoBest two =
        merge_block(score_items(rule, data.row(row), data.vocabulary_size, chunk, thread, scores));
    for (int item = 0; item < items_of_thread; ++item)
        if (is_kept(rule, scores[item], two)) keep(list, Ranked{token_of(chunk, thread, item), scores[item]});
    __syncthreads();
    const int count = min(list.count, most_kept);
    if (thread < count) out.tokens[rank_in(list, count, thread)] = list.tokens[thread];
    if (thread == 0) {
        out.count = list.count > most_kept ? ChunkKept::too_many : list.count;
        out.two = two;
        out.cut_key = 0;
    }
}

/// `sums` are 33 zeros.
__device__ void top_k_chunk(const ScanData & data, int row, int chunk, KeptList & list, int * sums,
                            ChunkKept & out) {
    uint32_t keys[items_of_thread];
    const int thread = static_cast<int>(threadIdx.x);
    const float * const logits = data.row(row);
    key_items(logits, data.vocabulary_size, chunk, thread, keys);
    const int wanted = data.requests[row].top_k;
    uint32_t found = 0;
    for (int bit = 31; bit >= 0; --bit) {
        const uint32_t trial = with_bit(found, bit);
        if (sum_block(count_reaching(keys, trial), sums[bit]) >= wanted) found = trial;
    }
    uint32_t least = max(found, 1u); // A key of 0 cannot be chosen.
    const bool is_cut = sum_block(count_reaching(keys, least), sums[32]) > most_kept;
    if (is_cut) ++least;
    for (int item = 0; item < items_of_thread; ++item) {
        const draft::Token token = token_of(chunk, thread, item);
        if (keys[item] >= least) keep(list, Ranked{token, logits[token]});
    }
    __syncthreads();
    if (thread < list.count) out.tokens[rank_in(list, list.count, thread)] = list.tokens[thread];
    if (thread == 0) {
        out.count = list.count;
        out.two = TwoBest{lowest, lowest};
        out.cut_key = is_cut ? found : 0;
    }
}

/// Grid: chunks × rows.
static __global__ void __launch_bounds__(threads_of_block) keep_chunks(ScanData data) {
    __shared__ KeptList list;
    __shared__ int sums[33];
    const int chunk = blockIdx.x, row = blockIdx.y;
    if (threadIdx.x == 0) list.count = 0;
    if (threadIdx.x < 33) sums[threadIdx.x] = 0;
    __syncthreads();
    ChunkKept & out = data.chunk_kept[row * gridDim.x + chunk];
    switch (data.requests[row].draw) {
    case RowDraw::highest:
        break;
    case RowDraw::noised:
        sieve_chunk(data, row, chunk, list, out);
        break;
    case RowDraw::top_k:
        top_k_chunk(data, row, chunk, list, sums, out);
        break;
    }
}

__device__ void sieve_row(const ScanData & data, int row, int chunks, KeptList & list, int & lost) {
    const SieveRule rule = sieve_rule(data.requests[row], data.best[row]);
    const ChunkKept * const parts = data.chunk_kept + row * chunks;
    const int thread = static_cast<int>(threadIdx.x);
    const TwoBest two = merge_block(two_of_chunks(parts, chunks, thread));
    for (int chunk = thread; chunk < chunks; chunk += threads_of_block)
        if (sieve_lost(rule, parts[chunk], two)) lost = 1;
    for (int place = thread; place < places_of(chunks); place += threads_of_block)
        if (const Ranked * const one = token_at(parts, place); one && is_kept(rule, one->logit, two))
            keep(list, *one);
    __syncthreads();
    Kept & out = data.kept[row];
    if (!rule.is_usable || lost || list.count > most_kept) {
        if (thread == 0) out.count = Kept::unknown;
        return; // `choices` says so already
    }
    if (thread < list.count) {
        const draft::Token token = list.tokens[thread].token;
        out.tokens[rank_in(list, list.count, thread)] = Ranked{token, data.row(row)[token]};
    }
    if (thread == 0) {
        out.count = list.count;
        data.choices[row] = sieve_choice(rule, list.tokens, list.count, two, no_choice);
    }
}

__device__ void top_k_row(const ScanData & data, int row, int chunks, KeptList & list, int * sums,
                          int & lost) {
    const ChunkKept * const parts = data.chunk_kept + row * chunks;
    const int thread = static_cast<int>(threadIdx.x);
    const int wanted = data.requests[row].top_k;
    uint32_t found = 0;
    for (int bit = 31; bit >= 0; --bit) {
        const uint32_t trial = with_bit(found, bit);
        if (sum_block(count_kept_reaching(parts, chunks, thread, trial), sums[bit]) >= wanted) found = trial;
    }
    const int reaching = sum_block(count_kept_reaching(parts, chunks, thread, max(found, 1u)), sums[32]);
    for (int chunk = thread; chunk < chunks; chunk += threads_of_block)
        if (parts[chunk].cut_key > 0 && parts[chunk].cut_key >= found) lost = 1;
    Kept & out = data.kept[row];
    // Where more are equal at the cut, or there are not so many, the host's sampler is to see the whole row.
    const bool is_exact = reaching == wanted;
    if (is_exact)
        for (int place = thread; place < places_of(chunks); place += threads_of_block)
            if (const Ranked * const one = token_at(parts, place); one && order_key(one->logit) >= found)
                keep(list, *one);
    __syncthreads();
    if (!is_exact || lost) {
        if (thread == 0) out.count = Kept::unknown;
        return;
    }
    if (thread < wanted) out.tokens[rank_in(list, wanted, thread)] = list.tokens[thread];
    if (thread == 0) out.count = wanted;
}

/// Grid: rows.
static __global__ void __launch_bounds__(threads_of_block) keep_rows(ScanData data, int chunks) {
    __shared__ KeptList list;
    __shared__ int sums[33];
    __shared__ int lost;
    const int row = blockIdx.x;
    if (threadIdx.x == 0) list.count = lost = 0;
    if (threadIdx.x < 33) sums[threadIdx.x] = 0;
    __syncthreads();
    switch (data.requests[row].draw) {
    case RowDraw::highest:
        break;
    case RowDraw::noised:
        sieve_row(data, row, chunks, list, lost);
        break;
    case RowDraw::top_k:
        top_k_row(data, row, chunks, list, sums, lost);
        break;
    }
}

__device__ void send_kept(const ScanData & data, int row) {
    const Kept & from = data.kept[row];
    Kept & to = data.host_kept[row];
    for (int i = static_cast<int>(threadIdx.x); i < from.count; i += warp_size) to.tokens[i] = from.tokens[i];
    if (threadIdx.x == 0) to.count = from.count;
}

/// Grid: trees, of a warp each. Sends what was kept of the rows on the path, and of all rows whose choice is
/// the host's.
static __global__ void __launch_bounds__(warp_size) walk_trees(ScanData data) {
    const TreeRequest tree = data.trees[blockIdx.x];
    const draft::Token * const tokens = data.tokens + tree.first_node;
    const int32_t * const parents = data.parents + tree.first_node;
    for (int row = tree.first_request; row <= tree.first_request + tree.nodes; ++row)
        if (is_hosts_choice(data.requests[row])) send_kept(data, row);
    int at = -1, length = 0;
    while (true) {
        const int row = tree.first_request + 1 + at;
        if (data.requests[row].draw == RowDraw::noised) send_kept(data, row);
        const draft::Token choice = data.choices[row];
        int next = -1;
        // A child comes after its parent.
        for (int first = at + 1; first < tree.nodes && next < 0; first += warp_size) {
            const int node = first + static_cast<int>(threadIdx.x);
            const bool found = node < tree.nodes && is_next(parents[node], tokens[node], at, choice);
            const unsigned lanes = __ballot_sync(all_lanes, found);
            if (lanes) next = first + __ffs(static_cast<int>(lanes)) - 1;
        }
        if (next < 0) break;
        at = next;
        if (threadIdx.x == 0) data.host_paths[tree.first_node + length] = at;
        ++length;
    }
    if (threadIdx.x == 0) data.host_lengths[blockIdx.x] = length;
}

} // namespace reprise::device
