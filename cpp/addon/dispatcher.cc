#include "addon/dispatcher.h"

namespace reprise {

Dispatcher::Dispatcher(Napi::Env env) : env_(env) {
    const napi_status status =
        napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "reprise"), 0, 1,
                                        nullptr, nullptr, this, on_main_thread, &function_);
    if (status != napi_ok) throw Napi::Error::New(env, "Reprise could not create its thread-safe function");
    napi_unref_threadsafe_function(env, function_);
}

Dispatcher::Id Dispatcher::begin(Operation operation) {
    if (operations_.empty()) napi_ref_threadsafe_function(env_, function_);
    const Id id = next_++;
    operations_.emplace(id, std::move(operation));
    return id;
}

Operation Dispatcher::take(Id id) {
    Operation operation = std::move(operations_.at(id));
    operations_.erase(id);
    if (operations_.empty()) napi_unref_threadsafe_function(env_, function_);
    return operation;
}

void Dispatcher::close() {
    std::vector<Call> dropped;
    {
        std::lock_guard lock(mutex_);
        closed_ = true;
        dropped.swap(queue_);
    }
    operations_.clear();
}

void Dispatcher::post(Call call) {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    queue_.push_back(std::move(call));
    // Under the lock: close() must not let the function go while it is being called.
    if (queue_.size() == 1) napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking);
}

void Dispatcher::on_main_thread(napi_env env, napi_value, void * context, void *) {
    if (env != nullptr) static_cast<Dispatcher *>(context)->deliver(env);
}

void Dispatcher::deliver(Napi::Env env) {
    std::vector<Call> calls;
    {
        std::lock_guard lock(mutex_);
        calls.swap(queue_);
    }
    for (const Call & call : calls) {
        Napi::HandleScope scope(env);
        try {
            call(env);
        } catch (const Napi::Error & error) {
            // A user's callback threw: nobody can catch it here, so it becomes an uncaught exception.
            napi_fatal_exception(env, error.Value());
        }
    }
}

void Dispatcher::resolve(Id id, MakeValue make) {
    post([this, id, make = std::move(make)](Napi::Env env) {
        const Operation operation = take(id);
        try {
            operation.deferred.Resolve(make(env));
        } catch (const Napi::Error & error) {
            operation.deferred.Reject(error.Value());
        }
    });
}

void Dispatcher::reject(Id id, const Error & error) {
    post([this, id, code = error.code(), message = std::string(error.what())](Napi::Env env) {
        const Operation operation = take(id);
        Napi::Object value = Napi::Error::New(env, message).Value();
        value.Set("code", name_of(code));
        operation.deferred.Reject(value);
    });
}

void Dispatcher::progress(Id id, double done, double total) {
    post([this, id, done, total](Napi::Env env) {
        const Napi::FunctionReference & callback = at(id).on_progress;
        if (callback.IsEmpty()) return;
        callback.Call({Napi::Number::New(env, done), Napi::Number::New(env, total)});
    });
}

void Dispatcher::chunk(Id id, MakeValue make) {
    post([this, id, make = std::move(make)](Napi::Env env) { at(id).on_chunk.Call({make(env)}); });
}

} // namespace reprise
