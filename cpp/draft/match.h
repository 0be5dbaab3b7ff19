#pragma once

#include <cstddef>
#include <cstdint>

#include "draft/token.h"

namespace reprise::draft {

/// A place of a text that agrees with the end of a context.
struct Match {
    uint32_t length = 0; ///< How many tokens agree.
    uint32_t end = 0;    ///< The index of the token after the place.
};

/// What a search looks for: how far a text's places agree with the end of these tokens.
struct MatchContext {
    const Token * tokens = nullptr;
    size_t length = 0;
};

} // namespace reprise::draft
