#pragma once

#include "token.h"

#include <array>
#include <cstdint>

namespace reprise::draft {

/// What is known of a draft token before the model has seen it.
struct Evidence {
    uint32_t match_length; ///< Longest match among the places that say this token, drafted tokens included.
    float share;           ///< Their part of the votes at this node of the tree, 0…1.
    uint32_t places;       ///< Places that vote at this node.
    Source source;
};

/// Probability that a draft token is accepted, given that its parent was: a prior by match length,
/// corrected online by how the tokens of each kind fared, older outcomes counting less.
class Acceptance {
public:
    static constexpr int kind_count = 12 * source_count;

    static int kind_of(const Evidence & evidence);
    double probability(const Evidence & evidence) const;
    void learn(int kind, bool accepted);

private:
    struct Count {
        float tried = 0;
        float accepted = 0;
    };
    std::array<Count, kind_count> counts_{};
};

} // namespace reprise::draft
