#pragma once

#include "device/row_phases.h"

// Merges over the threads of a warp and of a block. Shuffles, since Turing has no __reduce_min_sync.
namespace reprise::device {

constexpr unsigned all_lanes = 0xffffffffu;
constexpr int warp_size = 32;
constexpr int warps_of_block = threads_of_block / warp_size;

__device__ inline Best from_lane(const Best & best, int mask) {
    Best other;
    for (int i = 0; i < Best::width; ++i) {
        other.at[i].token = __shfl_xor_sync(all_lanes, best.at[i].token, mask);
        other.at[i].logit = __shfl_xor_sync(all_lanes, best.at[i].logit, mask);
    }
    return other;
}
__device__ inline TwoBest from_lane(const TwoBest & two, int mask) {
    return TwoBest{__shfl_xor_sync(all_lanes, two.best, mask), __shfl_xor_sync(all_lanes, two.second, mask)};
}

/// Every lane gets what all lanes have.
template <typename T> __device__ T merge_warp(T mine) {
    for (int mask = warp_size / 2; mask > 0; mask /= 2) {
        const T other = from_lane(mine, mask);
        merge(mine, other);
    }
    return mine;
}

/// Every thread gets what all threads have. All call it.
template <typename T> __device__ T merge_block(T mine) {
    __shared__ T warps[warps_of_block];
    mine = merge_warp(mine);
    if (threadIdx.x % warp_size == 0) warps[threadIdx.x / warp_size] = mine;
    __syncthreads();
    T all = warps[0];
    for (int warp = 1; warp < warps_of_block; ++warp) merge(all, warps[warp]);
    return all;
}

/// The sum over all threads, which every thread gets. `sum` is shared, 0, and used once.
__device__ inline int sum_block(int mine, int & sum) {
    for (int mask = warp_size / 2; mask > 0; mask /= 2) mine += __shfl_xor_sync(all_lanes, mine, mask);
    if (threadIdx.x % warp_size == 0) atomicAdd(&sum, mine);
    __syncthreads();
    return sum;
}

/// Room for the tokens that a block keeps. They come in any order, and leave by their tokens: so the order
/// does not depend on which thread was first.
struct KeptList {
    int count;
    Ranked tokens[most_kept];
};

__device__ inline void keep(KeptList & list, Ranked one) {
    const int place = atomicAdd(&list.count, 1);
    if (place < most_kept) list.tokens[place] = one;
}

/// The place of one of `count` tokens among them.
__device__ inline int rank_in(const KeptList & list, int count, int at) {
    int rank = 0;
    for (int i = 0; i < count; ++i) rank += list.tokens[i].token < list.tokens[at].token;
    return rank;
}

} // namespace reprise::device
