#include "addon/session_object.h"

#include "addon/environment.h"
#include "addon/values.h"

namespace reprise {

namespace {

using DispatcherPointer = std::shared_ptr<Dispatcher>;

OnError rejecting(const DispatcherPointer & dispatcher, Dispatcher::Id id) {
    return [dispatcher, id](const Error & error) { dispatcher->reject(id, error); };
}

std::function<void()> resolving(const DispatcherPointer & dispatcher, Dispatcher::Id id) {
    return [dispatcher, id] { dispatcher->resolve(id, [](Napi::Env env) { return env.Undefined(); }); };
}

std::function<void(int, int)> progressing(const DispatcherPointer & dispatcher, Dispatcher::Id id) {
    return [dispatcher, id](int done, int total) { dispatcher->progress(id, done, total); };
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
         InstanceMethod<&SessionObject::dispose>("dispose")}));
}

Napi::Value SessionObject::create(Napi::Env env, Napi::Object model_object, std::shared_ptr<Model> model,
                                  std::shared_ptr<Learnt> learnt, const ContextOptions & options) {
    if (model->vocab_only())
        throw Error(ErrorCode::model_vocab_only,
                    "The model was loaded with vocabOnly: true; load it without to make sessions");
    const double bytes =
        model->cache_bytes_per_token(options.key_type, options.value_type) * options.context_length;
    const auto dispatcher = Environment::of(env).dispatcher();
    Operation operation{Napi::Promise::Deferred::New(env), Napi::Persistent(model_object), {}, {}, {}};
    const Napi::Promise promise = operation.deferred.Promise();
    const Dispatcher::Id id = dispatcher->begin(std::move(operation));

    // The family must not lose its last owner on its own thread: until the session exists the operation owns
    // it.
    auto family = std::make_shared<std::shared_ptr<Family>>();
    dispatcher->at(id).keep = family;
    std::weak_ptr<std::shared_ptr<Family>> weak = family;
    try {
        *family = std::make_shared<Family>(
            std::move(model), std::move(learnt), options,
            [dispatcher, id, weak, bytes](Member * member) {
                dispatcher->resolve(id, [weak, member, bytes](Napi::Env env) -> Napi::Value {
                    return wrap(env, std::make_unique<Session>(*weak.lock(), member), bytes);
                });
            },
            rejecting(dispatcher, id));
    } catch (const Error & error) { // no thread for it
        dispatcher->reject(id, error);
    }
    return promise;
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
    const bool aborted = info[2].ToBoolean();
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
                          aborted);
    });
}

Napi::Value SessionObject::generate(const Napi::CallbackInfo & info) {
    auto options =
        with_js_errors(info.Env(), [&] { return generate_options_from(info[0].As<Napi::Object>()); });
    const bool aborted = info[3].ToBoolean();
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
        session().generate(std::move(options), std::move(listener), aborted);
    });
}

void SessionObject::abort(const Napi::CallbackInfo &) {
    if (session_) session_->abort();
}

Napi::Value SessionObject::history(const Napi::CallbackInfo &) {
    return start([&](DispatcherPointer dispatcher, Dispatcher::Id id) {
        const auto done = [dispatcher, id](std::vector<Token> tokens) {
            dispatcher->resolve(
                id, [tokens = std::move(tokens)](Napi::Env env) { return tokens_to(env, tokens); });
        };
        session().history(done, rejecting(dispatcher, id));
    });
}

Napi::Value SessionObject::rollback(const Napi::CallbackInfo & info) {
    const int length = info[0].ToNumber().Int32Value();
    return start([&](DispatcherPointer dispatcher, Dispatcher::Id id) {
        session().rollback(length, resolving(dispatcher, id), rejecting(dispatcher, id));
    });
}

Napi::Value SessionObject::fork(const Napi::CallbackInfo &) {
    return start([&](DispatcherPointer dispatcher, Dispatcher::Id id) {
        auto family = std::make_shared<std::shared_ptr<Family>>(session().family());
        dispatcher->at(id).keep = family;
        std::weak_ptr<std::shared_ptr<Family>> weak = family;
        const auto done = [dispatcher, id, weak](Member * member) {
            dispatcher->resolve(id, [weak, member](Napi::Env env) -> Napi::Value {
                return wrap(env, std::make_unique<Session>(*weak.lock(), member), 0);
            });
        };
        session().fork(done, rejecting(dispatcher, id));
    });
}

Napi::Value SessionObject::add_reference(const Napi::CallbackInfo & info) {
    auto tokens = with_js_errors(info.Env(), [&] { return tokens_from(info[0]); });
    return start([&](DispatcherPointer dispatcher, Dispatcher::Id id) {
        session().add_reference(std::move(tokens), resolving(dispatcher, id), rejecting(dispatcher, id));
    });
}

Napi::Value SessionObject::clear_references(const Napi::CallbackInfo &) {
    return start([&](DispatcherPointer dispatcher, Dispatcher::Id id) {
        session().clear_references(resolving(dispatcher, id), rejecting(dispatcher, id));
    });
}

Napi::Value SessionObject::save(const Napi::CallbackInfo & info) {
    std::string path = info[0].ToString();
    return start([&](DispatcherPointer dispatcher, Dispatcher::Id id) {
        session().save(std::move(path), resolving(dispatcher, id), rejecting(dispatcher, id));
    });
}

Napi::Value SessionObject::load(const Napi::CallbackInfo & info) {
    std::string path = info[0].ToString();
    return start([&](DispatcherPointer dispatcher, Dispatcher::Id id) {
        session().load(std::move(path), resolving(dispatcher, id), rejecting(dispatcher, id));
    });
}

Napi::Value SessionObject::cost_table(const Napi::CallbackInfo &) {
    return start([&](DispatcherPointer dispatcher, Dispatcher::Id id) {
        const auto done = [dispatcher, id](std::vector<std::pair<int, double>> table) {
            dispatcher->resolve(id, [table = std::move(table)](Napi::Env env) {
                auto array = Napi::Array::New(env, table.size());
                for (uint32_t i = 0; i < table.size(); ++i) {
                    Napi::Object row = Napi::Object::New(env);
                    row.Set("rows", table[i].first);
                    row.Set("ms", table[i].second);
                    array.Set(i, row);
                }
                return array;
            });
        };
        session().cost_table(done, rejecting(dispatcher, id));
    });
}

} // namespace reprise
