#pragma once

#include <memory>

#include <napi.h>

#include "addon/dispatcher.h"
#include "engine/session.h"

namespace reprise {

/// NativeSession of lib/addon.ts.
class SessionObject : public Napi::ObjectWrap<SessionObject> {
public:
    static void define(Napi::Env env);
    /// The NativeCall of a session with a context of its own. `model_object` stays alive meanwhile.
    static Napi::Value create(Napi::Env env, Napi::Object model_object, std::shared_ptr<Model> model,
                              std::shared_ptr<Learnt> learnt, const ContextOptions & options);

    /// `info[0]`: an External of std::unique_ptr<Session>, which is taken. `info[1]`: bytes of its cache.
    explicit SessionObject(const Napi::CallbackInfo & info);
    ~SessionObject() override;

    /// Ends the session; what it is doing ends as aborted.
    void release();

private:
    Napi::Value prefill(const Napi::CallbackInfo & info);
    Napi::Value generate(const Napi::CallbackInfo & info);
    void abort(const Napi::CallbackInfo & info);
    Napi::Value history(const Napi::CallbackInfo & info);
    Napi::Value rollback(const Napi::CallbackInfo & info);
    Napi::Value fork(const Napi::CallbackInfo & info);
    Napi::Value add_reference(const Napi::CallbackInfo & info);
    Napi::Value clear_references(const Napi::CallbackInfo & info);
    Napi::Value save(const Napi::CallbackInfo & info);
    Napi::Value load(const Napi::CallbackInfo & info);
    Napi::Value cost_table(const Napi::CallbackInfo & info);
    Napi::Value placement(const Napi::CallbackInfo & info);
    void dispose(const Napi::CallbackInfo & info);

    Session & session();
    /// A pending operation on this session. `call` gets the dispatcher and the operation's number.
    Napi::Value start(Operation operation,
                      const std::function<void(std::shared_ptr<Dispatcher>, Dispatcher::Id)> & call);
    Napi::Value start(const std::function<void(std::shared_ptr<Dispatcher>, Dispatcher::Id)> & call);
    Operation new_operation();
    /// A promise of what `work(family, member)` returns, as `to_value(env, result)`.
    template <typename Work, typename ToValue> Napi::Value post(Work work, ToValue to_value);
    /// The same of nothing.
    template <typename Work> Napi::Value post(Work work);
    /// The NativeCall of nothing.
    template <typename Work> Napi::Value post_abortable(Work work);
    /// What gives the call up.
    std::function<void()> aborting(const std::shared_ptr<Call> & call);

    std::unique_ptr<Session> session_;
    int64_t external_bytes_;
};

} // namespace reprise
