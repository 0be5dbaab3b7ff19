#pragma once

#include <functional>
#include <utility>

#include <napi.h>

namespace reprise {

/// NativeCall of lib/addon.ts: a promise, and what makes it reject with ABORTED. `abort` is called on the
/// main thread, also when the promise has settled, and as often as anybody likes.
inline Napi::Value native_call(Napi::Env env, Napi::Value promise, std::function<void()> abort) {
    Napi::Object call = Napi::Object::New(env);
    call.Set("promise", promise);
    call.Set("abort",
             Napi::Function::New(env, [abort = std::move(abort)](const Napi::CallbackInfo &) { abort(); }));
    return call;
}

} // namespace reprise
