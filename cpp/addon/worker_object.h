#pragma once

#include <napi.h>

namespace reprise {

/// `startWorker` of lib/addon.ts.
Napi::Value start_worker(const Napi::CallbackInfo & info);

} // namespace reprise
