#include "priors/conversations.h"

#include <cstdio>

namespace reprise::priors {

namespace {
bool read_tokens(std::FILE * file, std::vector<draft::Token> & tokens) {
    int32_t length;
    if (std::fread(&length, sizeof length, 1, file) != 1 || length < 0) return false;
    tokens.resize(length);
    return std::fread(tokens.data(), sizeof(draft::Token), length, file) == static_cast<size_t>(length);
}
} // namespace

bool read_conversations(const char * path, std::vector<Conversation> & conversations) {
    std::FILE * const file = std::fopen(path, "rb");
    if (file == nullptr) return false;
    int32_t head[3];
    bool whole = true;
    while (whole && std::fread(head, sizeof head, 1, file) == 1) {
        if (head[2] < 0) {
            whole = false;
            break;
        }
        Conversation & conversation = conversations.emplace_back(Conversation{head[0], head[1], {}});
        conversation.turns.resize(head[2]);
        for (Turn & turn : conversation.turns)
            whole = whole && read_tokens(file, turn.prompt) && read_tokens(file, turn.answer);
    }
    std::fclose(file);
    return whole && !conversations.empty();
}

} // namespace reprise::priors
