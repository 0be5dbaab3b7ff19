#pragma once

#include <string>

#include "llama.h"

namespace reprise {

/// Why a GBNF grammar cannot be parsed, or empty. llama.cpp's own parse prints the reason to the
/// process's standard error and returns nothing but failure; this asks its parser rule by rule instead.
std::string grammar_fault(const llama_vocab * vocab, const std::string & grammar);

} // namespace reprise
