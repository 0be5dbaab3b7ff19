#pragma once

#include <vector>

#include "draft/token.h"

namespace reprise::priors {

struct Turn {
    std::vector<draft::Token> prompt; ///< All that is new since the last answer.
    std::vector<draft::Token> answer;
};
struct Conversation {
    int dataset, question;
    std::vector<Turn> turns;
};

/// Reads what tokenize.ts wrote: for each conversation its dataset, question and number of turns, then
/// for each turn the length and tokens of the context and of the answer; all int32, little-endian.
bool read_conversations(const char * path, std::vector<Conversation> & conversations);

} // namespace reprise::priors
