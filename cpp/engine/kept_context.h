#pragma once

#include "llama.h"

namespace reprise {

/// Takes a context that an assertion left in an unknown state. Freeing it may fail an assertion again, and a
/// destructor that throws ends the process. Held, so that leak detectors know that it is meant.
void keep_for_good(llama_context * context);

} // namespace reprise
