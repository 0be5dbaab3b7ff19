#pragma once

#include <memory>

#include <napi.h>

#include "engine/model.h"

namespace reprise {

/// A promise of NativeImage of lib/native-image.ts. `info[0]`: the bytes of a file, or pixels.
Napi::Value read_image(const Napi::CallbackInfo & info, std::shared_ptr<Model> model);

} // namespace reprise
