#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "draft/flat_map.h"
#include "draft/token.h"

namespace reprise::draft {

/// What an answer's tokens so far teach about how this conversation repeats itself: how often and after which
/// tokens the longest match went on, which tokens are frequent, and where the last long match would be by
/// now. Learnt from every committed output token, drafted or not, so a bad streak that ends in no drafts at
/// all does not hide that the text has begun to repeat itself again. What a rolled-back token taught goes
/// with it: the state is a function of the text alone.
class Experience {
public:
    struct Fate {
        uint32_t hits = 0;         ///< The token was the longest match's next, and right,
        uint32_t misses = 0;       ///< or wrong.
        uint32_t after_hits = 0;   ///< The longest match went on after the token,
        uint32_t after_misses = 0; ///< or not.
        uint32_t said = 0;         ///< Times in the output.
    };
    /// Where the last long match would be by now, had it not broken.
    struct Alignment {
        uint32_t place = 0;  ///< Index of the token after it, when it broke.
        uint32_t at = 0;     ///< Length of the text then.
        uint32_t length = 0; ///< Of the match, 0 for none.
    };
    static constexpr int most_frequent = 8;

    /// An output token. `match_length` and `match_end` are the longest match
    /// before it, `expected` the token that this match would have gone on with,
    /// `last` the token before, `length` the text's length with the token.
    void observe(Token token, Token last, Token expected, uint32_t match_length, uint32_t match_end,
                 uint32_t length);
    /// `text` is about to be cut to its first `length` tokens.
    void truncate(std::span<const Token> text, size_t length);

    const Fate & fate(Token token) const {
        static constexpr Fate unknown;
        const Fate * const known = fates_.find(token);
        return known == nullptr ? unknown : *known;
    }
    float frequency(const Fate & fate) const {
        return observed_.empty() ? 0 : static_cast<float>(fate.said) / static_cast<float>(observed_.size());
    }
    /// The most frequent output tokens, the most frequent first, equals by token.
    std::span<const Token> frequent() const {
        return {frequent_.data(), static_cast<size_t>(frequent_count_)};
    }
    const Alignment & alignment() const {
        static constexpr Alignment unknown;
        return breaks_.empty() ? unknown : breaks_.back();
    }
    float recent_rate() const { return rates().recent; }
    float long_rate() const { return rates().lasting; }
    /// The rates, were the next `tokens` to go on as their longest match does.
    float recent_rate_after(int tokens) const;
    float long_rate_after(int tokens) const;

private:
    struct Rates {
        float recent, lasting;
    };
    /// What undoing an output token takes, its neighbours in the text given.
    struct Observation {
        uint32_t at;    ///< Length of the text with the token.
        Token expected; ///< By a match of two tokens or more, else `nothing`.
        Rates rates;    ///< With the token.
    };
    static constexpr Token nothing = -1;

    Rates rates() const { return observed_.empty() ? Rates{0.3f, 0.3f} : observed_.back().rates; }
    bool more_frequent(Token a, Token b) const;
    void rank(Token token);
    void rank_all();

    FlatMap<Fate> fates_;
    std::vector<Observation> observed_;
    std::vector<Alignment> breaks_; ///< Ascending in `at`.
    std::array<Token, most_frequent> frequent_{};
    int frequent_count_ = 0;
};

} // namespace reprise::draft
