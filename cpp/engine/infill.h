#pragma once

#include <string>
#include <vector>

#include "engine/model.h"

namespace reprise {

/// The tokens of a prompt after which a model says what stands between prefix and suffix: its own tokens for
/// the prefix, the suffix and the middle, each before its text. Control tokens that either writes out are
/// text, and a text gets no space before it. Throws Error MODEL_INVALID where the vocabulary lacks one of the
/// three, and TEXT_INVALID.
std::vector<Token> infill_prompt(const Model & model, const std::string & prefix, const std::string & suffix);

} // namespace reprise
