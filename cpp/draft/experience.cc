#include "draft/experience.h"

#include <algorithm>
#include <cmath>

namespace reprise::draft {

namespace {
constexpr int recent_memory = 8, long_memory = 96;
/// A match shorter than this says nothing about where the text would go on.
constexpr uint32_t shortest_alignment = 3;

/// Share of a rate that is left `tokens` later; a table for the depths of a draft.
template <int memory> float left_after(int tokens) {
    static constexpr std::array<float, 129> table = [] {
        std::array<float, 129> powers{1};
        for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * (1 - 1.f / memory);
        return powers;
    }();
    return table[std::min<size_t>(tokens, table.size() - 1)];
}
} // namespace

void Experience::observe(Token token, Token last, Token expected, uint32_t match_length, uint32_t match_end,
                         uint32_t length) {
    const bool went_on = match_length > 0 && token == expected;
    Rates now = rates();
    now.recent += (went_on - now.recent) / recent_memory;
    now.lasting += (went_on - now.lasting) / long_memory;
    ++fates_.at(token, {}).said;
    rank(token);
    // Matches of one token break for reasons of their own.
    const bool counts = match_length >= 2;
    if (counts) {
        Fate & fate = fates_.at(expected, {});
        ++(went_on ? fate.hits : fate.misses);
        Fate & after = fates_.at(last, {});
        ++(went_on ? after.after_hits : after.after_misses);
    }
    observed_.push_back({length, counts ? expected : nothing, now});
    // A chance match must not make the drafter forget where a much longer one would be.
    const uint32_t since = length - alignment().at;
    if (!went_on && match_length >= shortest_alignment && match_length + 2 * since >= alignment().length)
        breaks_.push_back({match_end + 1, length, match_length});
}

bool Experience::more_frequent(Token a, Token b) const {
    const uint32_t said_a = fate(a).said, said_b = fate(b).said;
    return said_a > said_b || (said_a == said_b && a < b);
}

/// Puts a token that was said once more in its place among the most frequent.
void Experience::rank(Token token) {
    const auto begin = frequent_.begin(), end = begin + frequent_count_;
    auto at = std::find(begin, end, token);
    if (at == end) {
        if (frequent_count_ < most_frequent)
            ++frequent_count_;
        else if (more_frequent(token, frequent_.back()))
            --at;
        else
            return;
        *at = token;
    }
    for (; at != begin && more_frequent(*at, *(at - 1)); --at) std::iter_swap(at, at - 1);
}

void Experience::rank_all() {
    frequent_count_ = 0;
    uint32_t least = 1;
    fates_.each([&](Token token, const Fate & known) {
        if (known.said < least) return;
        rank(token);
        if (frequent_count_ == most_frequent) least = fate(frequent_.back()).said;
    });
}

void Experience::truncate(std::span<const Token> text, size_t length) {
    if (length == 0) {
        *this = {};
        return;
    }
    if (observed_.empty() || observed_.back().at <= length) return;
    for (; !observed_.empty() && observed_.back().at > length; observed_.pop_back()) {
        const Observation & undone = observed_.back();
        const Token token = text[undone.at - 1];
        --fates_.find(token)->said;
        if (undone.expected == nothing) continue;
        // A match of two tokens leaves a token before this one.
        const bool went_on = token == undone.expected;
        Fate & fate = *fates_.find(undone.expected);
        --(went_on ? fate.hits : fate.misses);
        Fate & after = *fates_.find(text[undone.at - 2]);
        --(went_on ? after.after_hits : after.after_misses);
    }
    while (!breaks_.empty() && breaks_.back().at > length) breaks_.pop_back();
    rank_all();
}

float Experience::recent_rate_after(int tokens) const {
    return 1 - (1 - recent_rate()) * left_after<recent_memory>(tokens);
}
float Experience::long_rate_after(int tokens) const {
    return 1 - (1 - long_rate()) * left_after<long_memory>(tokens);
}

} // namespace reprise::draft
