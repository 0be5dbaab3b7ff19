#pragma once

#include <functional>
#include <string>

#include "engine/sequence.h"

namespace reprise {

/// Writes a sequence's history and cache cells. The file replaces an older one only when it is whole.
/// Throws Error STATE_IO, and what `require_wanted` throws before the file is begun.
void save_state(Context & context, const Sequence & sequence, const std::string & path,
                const std::function<void()> & require_wanted);

/// Replaces the sequence's history and cells by a file's. Throws Error STATE_IO (unreadable, damaged),
/// STATE_MISMATCH (another model or cache type), CONTEXT_OVERFLOW (longer than this context), and what
/// `require_wanted` throws once the file is read; the sequence is as before then.
void load_state(Context & context, Sequence & sequence, const std::string & path,
                const std::function<void()> & require_wanted);

} // namespace reprise
