#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "draft/flat_map.h"
#include "draft/token.h"

namespace reprise::draft {

struct RankedToken {
    Token token;
    float logit;
};

/// A candidate's share of the probability of all that are remembered with it: less than 1/8, 1/4, 1/2, 3/4,
/// and more.
enum class ShareBucket : uint8_t {
    below_eighth,
    below_quarter,
    below_half,
    below_three_quarters,
    most,
    count
};

/// Token Recycling (Luo et al., "Turning Trash into Treasure", 2024, arXiv 2408.08696): the candidates that
/// verification ranked highest after a token, remembered until the next time it is verified. Of their logits
/// it keeps how the probability was shared among them, since a model that was sure after a token is likely to
/// be so again.
class Recycling {
public:
    /// How many candidates are remembered after a token: as many as the scan for the highest logit finds at
    /// about the same cost (`engine/top_logits.h`).
    static constexpr int width = 4;

    struct Candidate {
        Token token;
        ShareBucket share;
    };
    /// The candidates after one token, best first.
    class Row {
    public:
        std::span<const Candidate> candidates() const { return {candidates_.data(), count_}; }

    private:
        friend Recycling;
        std::array<Candidate, width> candidates_;
        uint32_t count_ = 0;
    };

    /// Remembers the first `width` tokens of `top`, which holds the best first, but for those of no
    /// probability.
    void remember(Token after, std::span<const RankedToken> top);
    /// Takes over another's rows of these tokens, in place of its own.
    void adopt(const Recycling & newer, std::span<const Token> tokens);
    /// The candidates after a token, or a null pointer.
    const Row * after(Token token) const { return rows_.find(token); }
    bool empty() const { return rows_.size() == 0; }

private:
    FlatMap<Row> rows_;
};

} // namespace reprise::draft
