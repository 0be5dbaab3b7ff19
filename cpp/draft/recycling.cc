#include "draft/recycling.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace reprise::draft {

namespace {

ShareBucket bucket_of(float share) {
    constexpr std::array bounds{0.125f, 0.25f, 0.5f, 0.75f};
    static_assert(std::size(bounds) + 1 == static_cast<size_t>(ShareBucket::count));
    return static_cast<ShareBucket>(std::upper_bound(bounds.begin(), bounds.end(), share) - bounds.begin());
}

} // namespace

void Recycling::remember(Token after, std::span<const RankedToken> top) {
    top = top.first(std::min<size_t>(top.size(), width));
    std::array<float, width> weights;
    float sum = 0;
    for (size_t i = 0; i < top.size(); ++i) sum += weights[i] = std::exp(top[i].logit - top[0].logit);
    Row & row = rows_.at(after, {});
    row.count_ = 0;
    for (size_t i = 0; i < top.size(); ++i)
        if (weights[i] > 0) row.candidates_[row.count_++] = {top[i].token, bucket_of(weights[i] / sum)};
}

void Recycling::adopt(const Recycling & newer, std::span<const Token> tokens) {
    for (const Token token : tokens)
        if (const Row * const row = newer.after(token)) rows_.at(token, *row) = *row;
}

} // namespace reprise::draft
