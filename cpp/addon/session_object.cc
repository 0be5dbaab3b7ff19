#include "addon/session_object.h"

#include "addon/device_values.h"
#include "addon/environment.h"
#include "addon/native_call.h"
#include "addon/values.h"
#include "engine/operations.h"
#include "engine/placement.h"

namespace reprise {

namespace {

using DispatcherPointer = std::shared_ptr<Dispatcher>;

OnError rejecting(const DispatcherPointer & dispatcher, Dispatcher::Id id) {
    return [dispatcher, id](const Error & error) { dispatcher->reject(id, error); };
}

std::function<void(int, int)> progressing(const DispatcherPointer & dispatcher, Dispatcher::Id id) {
    return [dispatcher, id](int done, int total) { dispatcher->progress(id, done, total); };
}

StartOptions start_from(const Napi::Value & value) {
    return {.aborted = value.As<Napi::Object>().Get("aborted").ToBoolean()};
}

Napi::Value cost_table_to(Napi::Env env, const std::vector<draft::PassTime> & table) {
    auto array = Napi::Array::New(env, table.size());
    for (uint32_t i = 0; i < table.size(); ++i) {
        Napi::Object row = Napi::Object::New(env);
        row.Set("rows", table[i].rows);
        row.Set("ms", table[i].milliseconds);
        array.Set(i, row);
    }
    return array;
}

Napi::Value wrap(Napi::Env env, std::unique_ptr<Session> session, double external_bytes) {
    return Environment::of(env).session_class.New(
        {Napi::External<std::unique_ptr<Session>>::New(env, &session),
         Napi::Number::New(env, external_bytes)});
}

} // namespace

void SessionObject::define(Napi::Env env) {
    Environment::of(env).session_class = Napi::Persistent(DefineClass(
        env, "NativeSession",
        {InstanceMethod<&SessionObject::prefill>("prefill"),
         InstanceMethod<&SessionObject::generate>("generate"), InstanceMethod<&SessionObject::abort>("abort"),
         InstanceMethod<&SessionObject::history>("history"),
         InstanceMethod<&SessionObject::rollback>("rollback"), InstanceMethod<&SessionObject::fork>("fork"),
         InstanceMethod<&SessionObject::add_reference>("addReference"),
         InstanceMethod<&SessionObject::clear_references>("clearReferences"),
         InstanceMethod<&SessionObject::save>("save"), InstanceMethod<&SessionObject::load>("load"),
         InstanceMethod<&SessionObject::cost_table>("costTable"),
         InstanceMethod<&SessionObject::placement>("placement"),
         InstanceMethod<&SessionObject::dispose>("dispose")}));
}

Napi::Value SessionObject::create(Napi::Env env, Napi::Object model_object, std::shared_ptr<Model> model,
                                  std::shared_ptr<Learnt> learnt, const ContextOptions & options) {
    if (model->vocab_only())
        throw Error(ErrorCode::model_vocab_only,
                    "The model was loaded with vocabOnly: true; load it without to make sessions");
    const double bytes = cache_bytes_per_token(model->handle(), options) * options.context_length;
    const auto dispatcher = Environment::of(env).dispatcher();
    Operation operation{Napi::Promise::Deferred::New(env), Napi::Persistent(model_object), {}, {}, {}};
    const Napi::Promise promise = operation.deferred.Promise();
    const Dispatcher::Id id = dispatcher->begin(std::move(operation));

    // Until the session exists the operation owns the family, which must not lose its last owner on its own
    // thread.
    const KeptOnMainThread<std::shared_ptr<Family>> family(dispatcher->at(id));
    try {
        family.get() = std::make_shared<Family>(
            std::move(model), std::move(learnt), options,
            [dispatcher, id, family, bytes](Member * member) {
                dispatcher->resolve(id, [family, member, bytes](Napi::Env env) -> Napi::Value {
                    return wrap(env, std::make_unique<Session>(family.get(), member), bytes);
                });
            },
            rejecting(dispatcher, id));
        Environment::of(env).add(family.get());
    } catch (const Error & error) { // no thread for it
        dispatcher->reject(id, error);
    }
    return native_call(env, promise, [family = std::weak_ptr<Family>(family.get())] {
        if (const auto present = family.lock()) present->stop();
    });
}

SessionObject::SessionObject(const Napi::CallbackInfo & info)
    : ObjectWrap(info), session_(std::move(*info[0].As<Napi::External<std::unique_ptr<Session>>>().Data())),
      external_bytes_(info[1].As<Napi::Number>().Int64Value()) {
    Environment::of(info.Env()).add(this);
    Napi::MemoryManagement::AdjustExternalMemory(info.Env(), external_bytes_);
}

SessionObject::~SessionObject() {
    // At the environment's end its state may be gone already; the sessions were released before.
    if (!session_) return;
    Environment::of(Env()).remove(this);
    release();
}

void SessionObject::release() {
    if (!session_) return;
    session_.reset();
    Napi::MemoryManagement::AdjustExternalMemory(Env(), -external_bytes_);
}

void SessionObject::dispose(const Napi::CallbackInfo & info) {
    Environment::of(info.Env()).remove(this);
    release();
}

Session & SessionObject::session() {
    if (!session_) throw Error(ErrorCode::disposed, "The session was disposed");
    return *session_;
}

Operation SessionObject::new_operation() {
    return {Napi::Promise::Deferred::New(Env()), Napi::Persistent(Value()), {}, {}, {}};
}

Napi::Value SessionObject::start(const std::function<void(DispatcherPointer, Dispatcher::Id)> & call) {
    return start(new_operation(), call);
}

Napi::Value SessionObject::start(Operation operation,
                                 const std::function<void(DispatcherPointer, Dispatcher::Id)> & call) {
    return with_js_errors(Env(), [&]() -> Napi::Value {
        session();
        const auto dispatcher = Environment::of(Env()).dispatcher();
        const Napi::Promise promise = operation.deferred.Promise();
        call(dispatcher, dispatcher->begin(std::move(operation)));
        return promise;
    });
}

Napi::Value SessionObject::prefill(const Napi::CallbackInfo & info) {
    auto tokens = with_js_errors(info.Env(), [&] { return tokens_from(info[0]); });
    const StartOptions start_options = start_from(info[2]);
    Operation operation = new_operation();
    if (info[1].IsFunction()) operation.on_progress = Napi::Persistent(info[1].As<Napi::Function>());
    return start(std::move(operation), [&](DispatcherPointer dispatcher, Dispatcher::Id id) {
        const auto done = [dispatcher, id](Session::Prefilled result) {
            dispatcher->resolve(id, [result](Napi::Env env) {
                Napi::Object object = Napi::Object::New(env);
                object.Set("promptTokens", static_cast<double>(result.prompt_tokens));
                object.Set("reusedTokens", static_cast<double>(result.reused_tokens));
                object.Set("prefillMs", result.milliseconds);
                return object;
            });
        };
        session().prefill(std::move(tokens), progressing(dispatcher, id), done, rejecting(dispatcher, id),
                          start_options);
    });
}

Napi::Value SessionObject::generate(const Napi::CallbackInfo & info) {
    auto options =
        with_js_errors(info.Env(), [&] { return generate_options_from(info[0].As<Napi::Object>()); });
    const StartOptions start_options = start_from(info[3]);
    Operation operation = new_operation();
    operation.on_chunk = Napi::Persistent(info[1].As<Napi::Function>());
    if (info[2].IsFunction()) operation.on_progress = Napi::Persistent(info[2].As<Napi::Function>());
    return start(std::move(operation), [&](DispatcherPointer dispatcher, Dispatcher::Id id) {
        GenerationListener listener;
        listener.on_chunk = [dispatcher, id](Chunk && chunk) {
            dispatcher->chunk(id, [chunk = std::move(chunk)](Napi::Env env) { return chunk_to(env, chunk); });
        };
        listener.on_progress = progressing(dispatcher, id);
        listener.on_done = [dispatcher, id](GenerationResult && result) {
            dispatcher->resolve(
                id, [result = std::move(result)](Napi::Env env) { return result_to(env, result); });
        };
        listener.on_error = rejecting(dispatcher, id);
        session().generate(std::move(options), std::move(listener), start_options);
    });
}

void SessionObject::abort(const Napi::CallbackInfo &) {
    if (session_) session_->abort();
}

template <typename Work, typename ToValue> Napi::Value SessionObject::post(Work work, ToValue to_value) {
    return start([&](DispatcherPointer dispatcher, Dispatcher::Id id) {
        const auto done = [dispatcher, id, to_value](auto && result) {
            dispatcher->resolve(id, [result = std::move(result), to_value](Napi::Env env) -> Napi::Value {
                return to_value(env, result);
            });
        };
        session().post(std::move(work), done, rejecting(dispatcher, id));
    });
}

template <typename Work> Napi::Value SessionObject::post(Work work) {
    return start([&](DispatcherPointer dispatcher, Dispatcher::Id id) {
        const auto done = [dispatcher, id] {
            dispatcher->resolve(id, [](Napi::Env env) { return env.Undefined(); });
        };
        session().post(std::move(work), done, rejecting(dispatcher, id));
    });
}

template <typename Work> Napi::Value SessionObject::post_abortable(Work work) {
    const auto call = std::make_shared<Call>();
    const Napi::Value promise = start([&](DispatcherPointer dispatcher, Dispatcher::Id id) {
        const auto done = [dispatcher, id] {
            dispatcher->resolve(id, [](Napi::Env env) { return env.Undefined(); });
        };
        session().post(std::move(work), done, rejecting(dispatcher, id), call);
    });
    return native_call(Env(), promise, aborting(call));
}

std::function<void()> SessionObject::aborting(const std::shared_ptr<Call> & call) {
    return [family = std::weak_ptr<Family>(session().family()), call] {
        if (const auto present = family.lock()) present->abort(call);
    };
}

Napi::Value SessionObject::history(const Napi::CallbackInfo &) {
    return post([](Family &, Member & member) { return member.sequence.history(); }, tokens_to);
}

Napi::Value SessionObject::rollback(const Napi::CallbackInfo & info) {
    return post([length = info[0].ToNumber().Int32Value()](Family & family, Member & member) {
        reprise::rollback(family, member, length);
    });
}

Napi::Value SessionObject::fork(const Napi::CallbackInfo &) {
    const auto call = std::make_shared<Call>();
    const Napi::Value promise = start([&](DispatcherPointer dispatcher, Dispatcher::Id id) {
        const KeptOnMainThread<std::shared_ptr<Family>> family(dispatcher->at(id));
        family.get() = session().family();
        const auto done = [dispatcher, id, family](Member * member) {
            dispatcher->resolve(id, [family, member](Napi::Env env) -> Napi::Value {
                return wrap(env, std::make_unique<Session>(family.get(), member), 0);
            });
        };
        session().post(reprise::fork, done, rejecting(dispatcher, id), call);
    });
    return native_call(Env(), promise, aborting(call));
}

Napi::Value SessionObject::add_reference(const Napi::CallbackInfo & info) {
    auto tokens = with_js_errors(info.Env(), [&] { return tokens_from(info[0]); });
    return post([tokens = std::move(tokens)](Family & family, Member & member) {
        reprise::add_reference(family, member, tokens);
    });
}

Napi::Value SessionObject::clear_references(const Napi::CallbackInfo &) {
    return post([](Family &, Member & member) { member.drafter.clear_documents(draft::Source::reference); });
}

Napi::Value SessionObject::save(const Napi::CallbackInfo & info) {
    return post_abortable([path = std::string(info[0].ToString())](Family & family, Member & member) {
        reprise::save(family, member, path);
    });
}

Napi::Value SessionObject::load(const Napi::CallbackInfo & info) {
    return post_abortable([path = std::string(info[0].ToString())](Family & family, Member & member) {
        reprise::load(family, member, path);
    });
}

Napi::Value SessionObject::placement(const Napi::CallbackInfo &) {
    return post(reprise::placement, [](Napi::Env env, const SessionPlacement & session) -> Napi::Value {
        return placement_to(env, session);
    });
}

Napi::Value SessionObject::cost_table(const Napi::CallbackInfo &) {
    return post(reprise::cost_table, cost_table_to);
}

} // namespace reprise
