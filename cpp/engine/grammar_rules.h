#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llama.h"

namespace reprise {

/// Code points `low`…`high`.
struct CodePointRange {
    uint32_t low;
    uint32_t high;
};

/// One step of a rule's alternative.
struct GrammarSymbol {
    enum class Kind : uint8_t {
        end,       ///< of the alternative
        rule,      ///< `value`: the rule's index
        chars,     ///< a code point of `count` ranges from `value` on
        token,     ///< the token `value`
        not_token, ///< any token but `value`
    };
    Kind kind;
    uint32_t value = 0;
    uint32_t count = 0;
};

/// A GBNF grammar as llama.cpp's parser reads it, laid out for matching: every reference exists, no rule is
/// left-recursive, and a character class is a list of sorted ranges, whether it was negated or not.
struct GrammarRules {
    std::vector<GrammarSymbol> symbols; ///< of all alternatives, each with its `end`
    std::vector<CodePointRange> ranges;
    std::vector<std::vector<int>> alternatives; ///< by rule: where each begins in `symbols`
    uint32_t root = 0;
    /// Where code points begin that some class tells from those before: between two of them all are alike.
    std::vector<uint32_t> boundaries;
};

/// Throws Error GRAMMAR_INVALID, which says why. `vocab` is asked for tokens that the grammar names.
GrammarRules parse_grammar(const llama_vocab * vocab, const std::string & text, const std::string & root);

} // namespace reprise
