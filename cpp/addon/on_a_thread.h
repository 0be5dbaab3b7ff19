#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include <napi.h>

#include "addon/environment.h"
#include "engine/assertions.h"

namespace reprise {

/// A promise of what `work` makes on a thread of its own; `Result` becomes JavaScript by `to_value`.
template <typename Result>
Napi::Value on_a_thread(Napi::Env env, std::function<Result(const std::atomic<bool> &)> work,
                        std::function<Napi::Value(Napi::Env, Result &)> to_value) {
    Environment & environment = Environment::of(env);
    const auto dispatcher = environment.dispatcher();
    Operation operation{Napi::Promise::Deferred::New(env), {}, {}, {}, {}};
    const Napi::Promise promise = operation.deferred.Promise();
    const Dispatcher::Id id = dispatcher->begin(std::move(operation));
    environment.start(id, [dispatcher, id, work = std::move(work),
                           to_value = std::move(to_value)](Environment::Job & self) {
        try {
            auto result = std::make_shared<Result>(work(self.stop));
            dispatcher->resolve(id, [result, to_value](Napi::Env env) { return to_value(env, *result); });
        } catch (...) {
            dispatcher->reject(id, as_error(std::current_exception(), ErrorCode::native_failed));
        }
    });
    return promise;
}

} // namespace reprise
