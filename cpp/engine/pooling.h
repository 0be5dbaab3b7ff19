#pragma once

#include "llama.h"

namespace reprise {

/// How the numbers of a text's tokens become those of the text. llama.cpp has a function of the type's name.
using Pooling = enum llama_pooling_type;

} // namespace reprise
