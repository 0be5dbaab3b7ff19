#pragma once

#include <array>
#include <span>

#include "draft/flat_map.h"
#include "draft/token.h"

namespace reprise::draft {

struct RankedToken {
    Token token;
    float logit;
};

/// Token Recycling (Luo et al., "Turning Trash into Treasure", 2024, arXiv 2408.08696): the candidates that
/// verification ranked highest after a token, remembered until the next time it is verified. Of their logits
/// it keeps how the probability was shared among them, since a model that was sure after a token is likely to
/// be so again.
class Recycling {
public:
    static constexpr int width = 4;
    /// Kinds of candidates: a share of less than 1/8, 1/4, 1/2, 3/4 and more.
    static constexpr int kind_count = 5;

    struct Candidate {
        Token token;
        uint8_t kind;
    };
    /// Best first.
    class Row {
    public:
        std::span<const Candidate> candidates() const { return {candidates_.data(), count_}; }

    private:
        friend Recycling;
        std::array<Candidate, width> candidates_;
        uint32_t count_ = 0;
    };

    /// `top`: best first. Those that can never be said (of no share) are left out.
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
