#include "engine/top_logits.h"

#include <algorithm>
#include <limits>

namespace reprise {

namespace {

constexpr float lowest = -std::numeric_limits<float>::infinity();
// Eight independent lanes: the compiler turns the inner loop into vector maxima.
constexpr int lanes = 8;
constexpr int block = 32 * lanes;

using draft::RankedToken;

/// Puts a better entry in its place and drops the last.
void insert(TopLogits & top, RankedToken entry) {
    size_t at = top.size() - 1;
    for (; at > 0 && entry.logit > top[at - 1].logit; --at) top[at] = top[at - 1];
    top[at] = entry;
}

float block_maximum(const float * logits) {
    float most[lanes];
    std::fill_n(most, lanes, lowest); // and not the first ones, of which one that is NaN would stay
    for (int i = 0; i < block; i += lanes)
        for (int lane = 0; lane < lanes; ++lane)
            most[lane] = logits[i + lane] > most[lane] ? logits[i + lane] : most[lane];
    return *std::max_element(most, most + lanes);
}

} // namespace

TopLogits top_logits(const float * logits, int count) {
    TopLogits blocks; // the blocks with the highest maxima hold the highest logits
    blocks.fill({-1, lowest});
    int start = 0;
    for (; start + block <= count; start += block) {
        const float maximum = block_maximum(logits + start);
        if (maximum > blocks.back().logit) insert(blocks, {start, maximum});
    }
    std::sort(blocks.begin(), blocks.end(), [](auto & a, auto & b) { return a.token < b.token; });

    TopLogits top;
    // What no logit fills is a token that cannot be said.
    top.fill({0, lowest});
    const auto scan = [&](int from, int to) {
        for (int i = from; i < to; ++i)
            if (logits[i] > top.back().logit) insert(top, {i, logits[i]});
    };
    for (const RankedToken & one : blocks)
        if (one.token >= 0) scan(one.token, one.token + block);
    scan(start, count);
    return top;
}

} // namespace reprise
