#include "draft/recycling.h"

#include <algorithm>
#include <cmath>

namespace reprise::draft {

namespace {

uint8_t kind_of(float share) {
    constexpr std::array<float, Recycling::kind_count - 1> bounds{0.125f, 0.25f, 0.5f, 0.75f};
    return static_cast<uint8_t>(std::upper_bound(bounds.begin(), bounds.end(), share) - bounds.begin());
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
        if (weights[i] > 0) row.candidates_[row.count_++] = {top[i].token, kind_of(weights[i] / sum)};
}

void Recycling::adopt(const Recycling & newer, std::span<const Token> tokens) {
    for (const Token token : tokens)
        if (const Row * const row = newer.after(token)) rows_.at(token, *row) = *row;
}

} // namespace reprise::draft
