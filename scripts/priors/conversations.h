#pragma once

#include <vector>

#include "draft/token.h"

namespace reprise::priors {

struct Turn {
    std::vector<draft::Token> prompt; ///< Everything that is new since the last answer.
    std::vector<draft::Token> answer;
};
struct Conversation {
    int dataset, question;
    std::vector<Turn> turns;
};

/// Reads what tokenize.ts wrote, and returns whether the file is whole and holds any. A conversation is its
/// data set, question and number of turns; then, for each turn, the length and the tokens of the prompt and
/// those of the answer. All are int32 in little-endian order.
bool read_conversations(const char * path, std::vector<Conversation> & conversations);

} // namespace reprise::priors
