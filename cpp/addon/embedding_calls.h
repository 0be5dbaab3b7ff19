#pragma once

#include <memory>

#include <napi.h>

#include "engine/embedder.h"

/// The calls of a NativeModel that turn several texts into numbers or tokens, off the main thread.
namespace reprise {

/// `embed` of lib/addon.ts.
Napi::Value embed_texts(const Napi::CallbackInfo & info, std::shared_ptr<Embedder> embedder);

/// `rank` of lib/addon.ts.
Napi::Value rank_documents(const Napi::CallbackInfo & info, std::shared_ptr<Embedder> embedder);

/// `infill` of lib/addon.ts.
Napi::Value infill_tokens(const Napi::CallbackInfo & info, std::shared_ptr<const Model> model);

} // namespace reprise
