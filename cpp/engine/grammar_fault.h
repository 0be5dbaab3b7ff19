#pragma once

#include <string>

namespace reprise {

/// The first character from `at` on that is neither white space nor part of a comment.
const char * skip_grammar_space(const char * at);

/// Why llama.cpp's parser must not see this grammar; empty where it may. The parser recurses at every
/// parenthesis and copies what is repeated, so that a short text could overflow the stack or take all memory.
std::string grammar_fault(const std::string & text);

} // namespace reprise
