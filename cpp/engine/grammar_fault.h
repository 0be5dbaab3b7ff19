#pragma once

#include <string>

namespace reprise {

/// The first character of `at` that is neither space nor part of a comment.
const char * skip_grammar_space(const char * at);

/// Why llama.cpp's parser must not see this grammar, or empty. The parser recurses at every parenthesis and
/// copies what is repeated, so that a short text could overflow the stack or take all memory.
std::string grammar_limit_fault(const std::string & text);

} // namespace reprise
