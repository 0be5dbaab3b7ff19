#include "engine/top_logits.h"

#include <algorithm>
#include <limits>

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

    TopLogits top;
    // An entry that no logit fills is a token that cannot be chosen.
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
