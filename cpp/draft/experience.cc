#include "experience.h"

#include <algorithm>
#include <cmath>

namespace reprise::draft {

namespace {
constexpr float recent_memory = 8, long_memory = 96;
/// A match shorter than this says nothing about where the text would go on.
constexpr uint32_t shortest_alignment = 3;

float rate_after(float rate, float memory, int tokens) {
    return 1 - (1 - rate) * std::pow(1 - 1 / memory, static_cast<float>(tokens));
}

void bump(uint16_t & counter) {
    counter += counter < UINT16_MAX;
}
} // namespace

void Experience::observe(Token token, Token last, Token expected, uint32_t match_length, uint32_t match_end,
                         uint32_t length) {
    const bool went_on = match_length > 0 && token == expected;
    recent_rate_ += (went_on - recent_rate_) / recent_memory;
    long_rate_ += (went_on - long_rate_) / long_memory;
    ++said_;
    count(token, ++fates_.at(token, {}).said);
    // Matches of one token break for reasons of their own.
    if (match_length >= 2) {
        Fate & fate = fates_.at(expected, {});
        bump(went_on ? fate.hits : fate.misses);
        Fate & after = fates_.at(last, {});
        bump(went_on ? after.after_hits : after.after_misses);
    }
    // A chance match must not make the drafter forget where a much longer one
    // would be.
    const uint32_t since = length - alignment_.at;
    if (!went_on && match_length >= shortest_alignment && match_length + 2 * since >= alignment_.length)
        alignment_ = {match_end + 1, length, match_length};
}

void Experience::count(Token token, uint32_t said) {
    const auto begin = frequent_.begin(), end = begin + frequent_count_;
    auto at = std::find(begin, end, token);
    if (at == end) {
        if (frequent_count_ < most_frequent)
            ++frequent_count_;
        else if (fate(frequent_.back()).said < said)
            --at;
        else
            return;
        *at = token;
    }
    for (; at != begin && fate(*(at - 1)).said < said; --at) std::iter_swap(at, at - 1);
}

void Experience::truncate(uint32_t length) {
    if (alignment_.at > length) alignment_ = {};
}

const Experience::Fate & Experience::fate(Token token) const {
    static const Fate unknown;
    const Fate * const known = fates_.find(token);
    return known == nullptr ? unknown : *known;
}

float Experience::recent_rate_after(int tokens) const {
    return rate_after(recent_rate_, recent_memory, tokens);
}
float Experience::long_rate_after(int tokens) const {
    return rate_after(long_rate_, long_memory, tokens);
}

} // namespace reprise::draft
