#include "engine/top_logits.h"

#include <algorithm>

namespace reprise {

namespace {

constexpr float lowest = -std::numeric_limits<float>::infinity();
/// The compiler turns a loop over eight independent lanes into vector maxima.
constexpr int lanes = 8;
/// Few enough to be scanned again, and so many that few blocks hold one of the highest.
constexpr int block = 32 * lanes;

using draft::RankedToken;

/// Puts a better entry in its place and drops the last.
void insert(TopLogits & top, RankedToken entry) {
    size_t at = top.size() - 1;
    for (; at > 0 && entry.logit > top[at - 1].logit; --at) top[at] = top[at - 1];
    top[at] = entry;
}

float block_maximum(const float * logits) {
    float maxima[lanes];
    std::fill_n(maxima, lanes,
                lowest); // They do not begin as the first logits, of which one that is NaN would stay.
    for (int i = 0; i < block; i += lanes)
        for (int lane = 0; lane < lanes; ++lane)
            maxima[lane] = logits[i + lane] > maxima[lane] ? logits[i + lane] : maxima[lane];
    return *std::max_element(maxima, maxima + lanes);
}

/// Takes what is higher of the logits of so many tokens from `first` on.
void scan(TopLogits & top, const float * logits, int count, int first) {
    for (int i = 0; i < count; ++i)
        if (logits[i] > top.back().logit) insert(top, {first + i, logits[i]});
}

/// An entry that no logit fills is a token that cannot be chosen.
TopLogits none() {
    TopLogits top;
    top.fill({0, lowest});
    return top;
}

} // namespace

TopLogits top_logits(const float * logits, int count) {
    TopLogits blocks; // The blocks with the highest maxima hold the highest logits.
    blocks.fill({-1, lowest});
    int start = 0;
    for (; start + block <= count; start += block) {
        const float maximum = block_maximum(logits + start);
        if (maximum > blocks.back().logit) insert(blocks, {start, maximum});
    }
    std::sort(blocks.begin(), blocks.end(), [](auto & a, auto & b) { return a.token < b.token; });

    TopLogits top = none();
    for (const RankedToken & one : blocks)
        if (one.token >= 0) scan(top, logits + one.token, block, one.token);
    scan(top, logits + start, count - start, start);
    return top;
}

std::optional<TopLogits> top_logits(const TopBlocks & blocks) {
    constexpr size_t width = TopLogits().size() + 1;
    if (blocks.ids.size() != width) return std::nullopt;
    struct Block {
        int32_t id;
        const float * logits;
    };
    std::array<Block, width> sorted;
    for (size_t i = 0; i < width; ++i) sorted[i] = {blocks.ids[i], blocks.logits + i * blocks.size};
    // Of equal logits the first token comes first.
    std::sort(sorted.begin(), sorted.end(), [](auto & a, auto & b) { return a.id < b.id; });

    TopLogits top = none();
    float lowest_maximum = std::numeric_limits<float>::infinity();
    int32_t last = -1;
    for (const auto & [id, logits] : sorted) {
        if (id <= last || id >= blocks.count) return std::nullopt;
        last = id;
        float maximum = lowest;
        for (int i = 0; i < blocks.size; i += block) maximum = std::max(maximum, block_maximum(logits + i));
        lowest_maximum = std::min(lowest_maximum, maximum);
        scan(top, logits, blocks.size, id * blocks.size);
    }
    scan(top, blocks.tail.data(), static_cast<int>(blocks.tail.size()), blocks.count * blocks.size);
    // No logit elsewhere is higher than the lowest of the maxima, but one may be as high. Maxima begin with
    // the lowest finite number on most devices, so such blocks are all alike to them.
    const bool tells =
        lowest_maximum > std::numeric_limits<float>::lowest() && top.back().logit > lowest_maximum;
    return tells ? std::optional(top) : std::nullopt;
}

} // namespace reprise
