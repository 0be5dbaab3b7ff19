#pragma once

#include <cstdint>

#include "device/host_device.h"
#include "device/order_key.h"
#include "device/ranked.h"
#include "device/row_scan.h"
#include "device/sieve.h"

// What one thread does in each phase of a scan. Kernels call these between their barriers, twins in loops.
namespace reprise::device {

/// What is kept of a chunk.
struct ChunkKept {
    static constexpr int32_t too_many = most_kept + 1;
    int32_t count; ///< of `tokens`; `too_many` where a sieve kept more than there is room for
    TwoBest two;   ///< of a sieve
    /// Of top-k: where more logits are equal to the chunk's last than there is room for, their key. None of
    /// them is among the tokens then. Else 0.
    uint32_t cut_key;
    Ranked tokens[most_kept]; ///< In ascending order. Of a sieve, with their scores in place of logits.
};

REPRISE_HOST_DEVICE inline Best best_of_thread(const float * row, int vocabulary_size, int chunk,
                                               int thread) {
    Best best = no_best();
    for (int item = 0; item < items_of_thread; ++item) {
        const draft::Token token = token_of(chunk, thread, item);
        if (token < vocabulary_size) insert(best, Ranked{token, row[token]});
    }
    return best;
}

/// The best of every 32nd chunk of a row.
REPRISE_HOST_DEVICE inline Best best_of_chunks(const Best * chunks, int count, int lane) {
    Best best = no_best();
    for (int chunk = lane; chunk < count; chunk += 32) merge(best, chunks[chunk]);
    return best;
}

/// Fills in a score for each token of a thread, and gives the two best.
REPRISE_HOST_DEVICE inline TwoBest score_items(const SieveRule & rule, const float * row, int vocabulary_size,
                                               int chunk, int thread, float (&scores)[items_of_thread]) {
    TwoBest two{lowest, lowest};
    for (int item = 0; item < items_of_thread; ++item) {
        const draft::Token token = token_of(chunk, thread, item);
        scores[item] = token < vocabulary_size ? sieve_score(rule, token, row[token]) : lowest;
        insert(two, scores[item]);
    }
    return two;
}

REPRISE_HOST_DEVICE inline void key_items(const float * row, int vocabulary_size, int chunk, int thread,
                                          uint32_t (&keys)[items_of_thread]) {
    for (int item = 0; item < items_of_thread; ++item) {
        const draft::Token token = token_of(chunk, thread, item);
        keys[item] = token < vocabulary_size ? order_key(row[token]) : 0;
    }
}

REPRISE_HOST_DEVICE inline int count_reaching(const uint32_t (&keys)[items_of_thread], uint32_t least) {
    int count = 0;
    for (int item = 0; item < items_of_thread; ++item) count += keys[item] >= least;
    return count;
}

// What joins a row's chunks. A thread has every 256th place of all their tokens.

REPRISE_HOST_DEVICE inline int places_of(int chunks) {
    return chunks * most_kept;
}
/// The token at a place, or nothing.
REPRISE_HOST_DEVICE inline const Ranked * token_at(const ChunkKept * chunks, int place) {
    const ChunkKept & chunk = chunks[place / most_kept];
    const int at = place % most_kept;
    return chunk.count <= most_kept && at < chunk.count ? &chunk.tokens[at] : nullptr;
}

REPRISE_HOST_DEVICE inline int count_kept_reaching(const ChunkKept * chunks, int count, int thread,
                                                   uint32_t least) {
    int reaching = 0;
    for (int place = thread; place < places_of(count); place += threads_of_block) {
        const Ranked * const one = token_at(chunks, place);
        reaching += one && order_key(one->logit) >= least;
    }
    return reaching;
}

/// The two best scores of every 256th chunk.
REPRISE_HOST_DEVICE inline TwoBest two_of_chunks(const ChunkKept * chunks, int count, int thread) {
    TwoBest two{lowest, lowest};
    for (int chunk = thread; chunk < count; chunk += threads_of_block) merge(two, chunks[chunk].two);
    return two;
}

/// Whether a chunk that has lost tokens may have lost one that the row's sieve keeps.
REPRISE_HOST_DEVICE inline bool sieve_lost(const SieveRule & rule, const ChunkKept & chunk,
                                           const TwoBest & two) {
    return chunk.count == ChunkKept::too_many && is_kept(rule, chunk.two.best, two);
}

/// What the sieve chose of the tokens that it kept, in scores; `no_choice` where that is too close to tell.
REPRISE_HOST_DEVICE inline draft::Token sieve_choice(const SieveRule & rule, const Ranked * kept, int count,
                                                     const TwoBest & two, draft::Token no_choice) {
    if (!is_clear(rule, two)) return no_choice;
    for (int i = 0; i < count; ++i)
        if (kept[i].logit == two.best) return kept[i].token;
    return no_choice;
}

} // namespace reprise::device
