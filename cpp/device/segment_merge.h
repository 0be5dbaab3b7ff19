#pragma once

#include "device/matching.h"

namespace reprise::device::matching {

/// A block's own memory while it merges.
struct Merge {
    uint64_t before[lanes]; ///< The places in later segments than a lane's, of each level.
    uint64_t sum[lanes];
    Place places[levels][max_per_level];
};

/// Puts together what the segments have for one context.
template <typename Block>
REPRISE_HOST_DEVICE void merge(Block & block, const Search & search, Merge & merge, int context,
                               Found & found) {
    const int32_t each = (search.segments + lanes - 1) / lanes;
    const uint64_t * const counts = search.counts + static_cast<int64_t>(context) * search.segments;
    const auto end_of = [&](int lane) {
        return (lane + 1) * each < search.segments ? (lane + 1) * each : search.segments;
    };
    // A lane has `each` segments side by side. What lies in the later ones is a sum over the lanes before it,
    // made by doubling the distance (Hillis and Steele 1986).
    block.each_lane([&](int lane) {
        uint64_t sum = 0;
        for (int32_t s = lane * each; s < end_of(lane); ++s) sum = add_counts(sum, counts[s]);
        merge.sum[lane] = sum;
    });
    const int used = (search.segments + each - 1) / each;
    for (int distance = 1; distance < used; distance *= 2) {
        block.each_lane(
            [&](int lane) { merge.before[lane] = lane < distance ? 0 : merge.sum[lane - distance]; });
        block.each_lane([&](int lane) { merge.sum[lane] = add_counts(merge.sum[lane], merge.before[lane]); });
    }
    block.each_lane([&](int lane) {
        uint64_t before = lane == 0 ? 0 : merge.sum[lane - 1];
        for (int32_t s = lane * each; s < end_of(lane); before = add_counts(before, counts[s]), ++s) {
            const int64_t at = static_cast<int64_t>(context) * search.segments + s;
            for (int level = 0; level < levels; ++level) {
                const int from = count_of(before, level);
                for (int i = 0; i < count_of(counts[s], level) && from + i < search.per_level; ++i)
                    merge.places[level][from + i] =
                        search.places[(at * levels + level) * search.per_level + i];
            }
        }
    });
    // A level's places are in order. Over all levels a place's rank is how many are later.
    const auto count_at = [&](int level) {
        const int count = count_of(merge.sum[used - 1], level);
        return count < search.per_level ? count : search.per_level;
    };
    block.each_lane([&](int lane) {
        if (lane >= levels * max_per_level) return;
        const int own = lane / max_per_level, index = lane % max_per_level;
        if (lane == 0) {
            found.count = 0;
            for (int level = 0; level < levels; ++level) found.count += count_at(level);
        }
        if (index >= count_at(own)) return;
        const Place place = merge.places[own][index];
        int rank = 0;
        for (int level = 0; level < levels; ++level)
            for (int i = 0; i < count_at(level) && merge.places[level][i].place > place.place; ++i) ++rank;
        found.places[rank] = place;
    });
}

} // namespace reprise::device::matching
