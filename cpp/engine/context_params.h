#pragma once

#include "llama.h"

#include "engine/cache_kind.h"
#include "engine/context_options.h"

namespace reprise {

/// What llama.cpp is told of a context: `Context` makes one of it, and the fitting of a model's layers to
/// devices measures what one takes.
struct ContextParams {
    ContextOptions options; ///< As the model allows them, and with a number of sequences.
    int max_outputs;        ///< One pass can give the logits of so many rows at most.
    /// Whether the cache of sliding-window layers is smaller than the others and lives on cells that it gives
    /// away.
    bool prunes_window;
    llama_context_params llama; ///< Without the callback.
};

/// `window`: so many tokens a sliding-window layer sees; 0 where there is none.
ContextParams context_params(ContextOptions options, CacheKind kind, DraftShape shape, int window);

} // namespace reprise
