#include "engine/grammar.h"

#include <exception>

#include "llama-grammar.h" // llama.cpp's internal header, of the pinned commit

namespace reprise {

namespace {
const char * skip_space_and_comments(const char * at) {
    while (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n' || *at == '#') {
        if (*at != '#') {
            ++at;
            continue;
        }
        while (*at && *at != '\r' && *at != '\n') ++at;
    }
    return at;
}
} // namespace

std::string grammar_fault(const llama_vocab * vocab, const std::string & grammar) {
    llama_grammar_parser parser(vocab);
    try {
        const char * at = skip_space_and_comments(grammar.c_str());
        if (!*at) return "it has no rule";
        while (*at) at = parser.parse_rule(at);
    } catch (const std::exception & error) {
        return error.what();
    }
    for (const auto & [name, id] : parser.symbol_ids)
        if (id >= parser.rules.size() || parser.rules[id].empty()) return "rule " + name + " is not defined";
    return {};
}

} // namespace reprise
