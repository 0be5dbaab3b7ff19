#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include <napi.h>

#include "engine/error.h"

namespace reprise {

/// What an asynchronous call from JavaScript needs until it ends. Lives on the main thread alone;
/// other threads know it by its number.
struct Operation {
    Napi::Promise::Deferred deferred;
    Napi::ObjectReference owner; ///< keeps the object that was called from being collected
    Napi::FunctionReference on_chunk;
    Napi::FunctionReference on_progress;
    std::shared_ptr<void> keep; ///< native state whose last owner must go on the main thread
};

/// Something whose last owner must go on the main thread, such as a family, whose destructor waits for its
/// own thread. The operation owns it. Native threads carry copies of this, which own nothing, back to the
/// main thread.
template <typename T> class KeptOnMainThread {
public:
    explicit KeptOnMainThread(Operation & operation) {
        const auto kept = std::make_shared<T>();
        operation.keep = kept;
        kept_ = kept;
    }
    /// On the main thread, while the operation is under way.
    T & get() const { return *kept_.lock(); }

private:
    std::weak_ptr<T> kept_;
};

/// The one way from native threads to an environment's main thread. One thread-safe function for all
/// calls: it keeps the process alive only while an operation is under way, and once the environment
/// goes down nothing is delivered any more.
class Dispatcher : public std::enable_shared_from_this<Dispatcher> {
public:
    using Id = uint64_t;
    using MakeValue = std::function<Napi::Value(Napi::Env)>;

    explicit Dispatcher(Napi::Env env);

    // Main thread.
    Id begin(Operation operation);
    Operation & at(Id id) { return operations_.at(id); }
    /// Nothing is delivered after this; operations under way are dropped.
    void close();

    // Any thread. `make` runs on the main thread; its captures hold no JavaScript value.
    void resolve(Id id, MakeValue make);
    void reject(Id id, const Error & error);
    void progress(Id id, double done, double total);
    void chunk(Id id, MakeValue make);

private:
    using Call = std::function<void(Napi::Env)>;

    void post(Call call);
    void deliver(Napi::Env env);
    Operation take(Id id);
    static void on_main_thread(napi_env env, napi_value, void * context, void *);

    napi_env env_;
    napi_threadsafe_function function_ = nullptr;
    std::unordered_map<Id, Operation> operations_;
    Id next_ = 1;

    std::mutex mutex_;
    std::vector<Call> queue_;
    bool closed_ = false;
};

} // namespace reprise
