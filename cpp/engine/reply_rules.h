#pragma once

#include <string>
#include <vector>

#include "draft/token.h"

namespace reprise {

/// What a chat's template says of the reply that is to be generated.
struct ReplyRules {
    std::string grammar; ///< in GBNF; empty where any text will do
    /// Whether the grammar begins with a trigger. Otherwise it holds from the beginning, and `before` belongs
    /// to the text that it describes.
    bool lazy = false;
    std::vector<std::string> trigger_words;
    std::vector<std::string>
        trigger_patterns;       ///< regular expressions; the first group is where the grammar begins
    std::string before;         ///< what of the prompt belongs to the reply
    std::string begun;          ///< how the reply begins after that; a trigger may stand in it
    std::string thinking_start; ///< empty where the template knows no reasoning
    std::vector<std::string> thinking_ends;
    std::vector<draft::Token> thinking_close; ///< what ends the reasoning when its budget is used up
    std::vector<draft::Token> preserved; ///< control tokens that are shown, since they tell the reply's parts
    std::vector<std::string> stops;
};

} // namespace reprise
