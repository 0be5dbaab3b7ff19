#pragma once

#include <string>

namespace reprise {

/// The GBNF grammar of the JSON texts that fit a JSON Schema, by llama.cpp's converter. The converter passes
/// over keywords that it does not know, so lib/schema/ gives it schemas in its own words alone. Two things
/// are done otherwise: a pair of surrogates, written as escapes, is one character and none stands alone, as
/// JSON Schema counts; and strings of a definition whose name begins with `bare_definition` have no quotes,
/// by which a pattern can describe numbers.
///
/// Throws Error SCHEMA_UNSUPPORTED, also where the text is too large or too deep for what recurses over it.
std::string schema_grammar(const std::string & schema);

/// The grammar of llama.cpp's chat engine for calls of tools, with the same rule of characters.
std::string with_whole_characters(const std::string & grammar);

inline constexpr const char * bare_definition = "bare";

} // namespace reprise
