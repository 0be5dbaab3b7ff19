#pragma once

#include "flat_map.h"
#include "token.h"

#include <array>
#include <cstdint>
#include <span>

namespace reprise::draft {

/// What an answer's tokens so far teach about how this conversation repeats
/// itself: how often and after which tokens the longest match went on, which
/// tokens are frequent, and where the last long match would be by now. Learnt
/// from every committed output token, drafted or not, so a bad streak that ends
/// in no drafts at all does not hide that the text has begun to repeat itself
/// again.
class Experience {
public:
    struct Fate {
        uint16_t hits = 0;         ///< The token was the longest match's next, and right,
        uint16_t misses = 0;       ///< or wrong.
        uint16_t after_hits = 0;   ///< The longest match went on after the token,
        uint16_t after_misses = 0; ///< or not.
        uint32_t said = 0;         ///< Times in the output.
    };
    /// Where the last long match would be by now, had it not broken.
    struct Alignment {
        uint32_t place = 0;  ///< Index of the token after it, when it broke.
        uint32_t at = 0;     ///< Length of the text then.
        uint32_t length = 0; ///< Of the match, 0 for none.
    };
    static constexpr int most_frequent = 12;

    /// An output token. `match_length` and `match_end` are the longest match
    /// before it, `expected` the token that this match would have gone on with,
    /// `last` the token before, `length` the text's length with the token.
    void observe(Token token, Token last, Token expected, uint32_t match_length, uint32_t match_end,
                 uint32_t length);
    /// The text was cut to `length` tokens.
    void truncate(uint32_t length);

    const Fate & fate(Token token) const;
    float frequency(const Fate & fate) const {
        return said_ == 0 ? 0 : static_cast<float>(fate.said) / said_;
    }
    /// The most frequent output tokens, the most frequent first.
    std::span<const Token> frequent() const {
        return {frequent_.data(), static_cast<size_t>(frequent_count_)};
    }
    const Alignment & alignment() const { return alignment_; }
    float recent_rate() const { return recent_rate_; }
    float long_rate() const { return long_rate_; }
    /// The rates, were the next `tokens` to go on as their longest match does.
    float recent_rate_after(int tokens) const;
    float long_rate_after(int tokens) const;

private:
    void count(Token token, uint32_t said);

    FlatMap<Fate> fates_;
    uint32_t said_ = 0;
    std::array<Token, most_frequent> frequent_{};
    int frequent_count_ = 0;
    Alignment alignment_;
    float recent_rate_ = 0.3f, long_rate_ = 0.3f;
};

} // namespace reprise::draft
