#pragma once

#include <napi.h>

#include "engine/device_options.h"
#include "engine/operations.h"

/// What is about devices, from and to JavaScript; the shapes are those of lib/addon.ts.
namespace reprise {

DeviceOptions device_options_from(const Napi::Object & object);
Napi::Object placement_to(Napi::Env env, const Placement & placement);
/// With what of a context runs on a device.
Napi::Object placement_to(Napi::Env env, const SessionPlacement & session);

/// Resolves with the backends of the build and the devices of this machine.
Napi::Value devices(const Napi::CallbackInfo & info);
/// Resolves with where a model and a session of it would be.
Napi::Value plan_model(const Napi::CallbackInfo & info);

} // namespace reprise
