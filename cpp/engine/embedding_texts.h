#pragma once

#include <string>
#include <vector>

#include "engine/model.h"

namespace reprise {

/// The tokens of a text by itself, with those that the model wants around it. Control tokens that it writes
/// out are text. Throws Error TEXT_INVALID.
std::vector<Token> text_to_embed(const Model & model, const std::string & text);

/// The tokens that a model ranks a document by: its own template, or query and document with the tokens
/// between and around them that llama.cpp's server puts there. Control tokens that either writes out are
/// text. Throws Error TEXT_INVALID.
std::vector<Token> pair_to_rank(const Model & model, const std::string & query, const std::string & document);

} // namespace reprise
