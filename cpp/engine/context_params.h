#pragma once

#include "llama.h"

#include "engine/cache_kind.h"
#include "engine/context_options.h"
#include "engine/error.h"

namespace reprise {

class LogCapture;

/// What of a model decides how its contexts are made.
struct ContextModel {
    CacheKind cache_kind;
    DraftShape draft_shape;
    int window; ///< So many tokens a sliding-window layer sees; 0 where there is none.
    int vocabulary_size;
};

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

ContextParams context_params(ContextOptions options, const ContextModel & model);

/// Why llama.cpp made no context of so many tokens, by what it logged meanwhile.
Error context_not_made(const LogCapture & log, int context_length);

} // namespace reprise
