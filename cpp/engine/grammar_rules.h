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
        end,       ///< the end of the alternative
        rule,      ///< the rule of the index `value`
        chars,     ///< a code point of one of the `count` ranges from `value` on
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
    std::vector<GrammarSymbol> symbols; ///< the symbols of all alternatives, each of which ends with an `end`
    std::vector<CodePointRange> ranges;
    std::vector<std::vector<int>> alternatives; ///< where in `symbols` each alternative begins, by rule
    uint32_t root = 0;
    /// The code points that some class tells from those before them, sorted. Between two of them all are
    /// alike.
    std::vector<uint32_t> boundaries;
};

/// Throws Error GRAMMAR_INVALID, which says why. `vocab` is asked for tokens that the grammar names.
GrammarRules parse_grammar(const llama_vocab * vocab, const std::string & text, const std::string & root);

} // namespace reprise
