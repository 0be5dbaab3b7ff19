#pragma once

#include "flat_map.h"
#include "token.h"

#include <array>
#include <span>

namespace reprise::draft {

/// Token Recycling (Luo et al., "Turning Trash into Treasure", 2024, arXiv
/// 2408.08696): the candidates that verification ranked highest after a token,
/// remembered until the next time it is verified.
class Recycling {
public:
    static constexpr int width = 4;
    using Row = std::array<Token, width>; ///< Best first; -1 where there are fewer.

    void remember(Token after, std::span<const Token> top);
    /// The candidates after a token, or a null pointer.
    const Row * after(Token token) const { return rows_.find(token); }
    bool empty() const { return rows_.size() == 0; }

private:
    FlatMap<Row> rows_;
};

} // namespace reprise::draft
