#pragma once

#include <memory>

#include <napi.h>

#include "engine/embedder.h"

/// The calls of a NativeModel that turn texts into numbers, off the main thread.
namespace reprise {

/// `embed` of lib/addon.ts.
Napi::Value embed_texts(const Napi::CallbackInfo & info, std::shared_ptr<Embedder> embedder);

/// `rank` of lib/addon.ts.
Napi::Value rank_documents(const Napi::CallbackInfo & info, std::shared_ptr<Embedder> embedder);

} // namespace reprise
