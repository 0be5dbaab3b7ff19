#pragma once

#include <numeric>
#include <vector>

#include "draft/token.h"

/// So many tokens, each one more than the one before it.
inline std::vector<reprise::draft::Token> ascending(reprise::draft::Token from, int count) {
    std::vector<reprise::draft::Token> tokens(count);
    std::iota(tokens.begin(), tokens.end(), from);
    return tokens;
}
