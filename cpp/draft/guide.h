#pragma once

#include <cstdint>
#include <optional>

#include "draft/token.h"

namespace reprise::draft {

/// Knows which texts are allowed after the conversation, as a grammar does. A tree that grows by it holds no
/// token that cannot come, and holds the tokens that must. What it says is a guess: verification decides.
class Guide {
public:
    virtual ~Guide() = default;

    /// A point of the text within the tree, as a number.
    using Place = int;
    static constexpr Place root = 0;     ///< after the last committed token
    static constexpr Place refused = -1; ///< nothing can stand here
    static constexpr Place unknown = -2; ///< it cannot say, or not in the time that it has

    /// How sure a forced token is.
    enum class Kind : uint8_t {
        inner,  ///< The text goes on after it as it must.
        last,   ///< It ends the text that must come, so the model may say a longer token instead.
        likely, ///< There was a choice, such as white space or none, and this one is usual.
        count
    };
    struct Forced {
        Token token;
        Kind kind;
    };

    /// The place after a token.
    virtual Place after(Place place, Token token) = 0;
    /// The token that the text goes on with, where it has to go on in one way.
    virtual std::optional<Forced> forced(Place place) = 0;
};

} // namespace reprise::draft
