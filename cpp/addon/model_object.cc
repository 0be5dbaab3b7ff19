#include "addon/model_object.h"

#include <utility>

#include "addon/chat_objects.h"
#include "addon/embedding_calls.h"
#include "addon/environment.h"
#include "addon/image_calls.h"
#include "addon/native_call.h"
#include "addon/session_object.h"
#include "addon/values.h"
#include "engine/draft_context.h"
#include "engine/image_spans.h"

namespace reprise {

void ModelObject::define(Napi::Env env) {
    Environment::of(env).model_class = Napi::Persistent(DefineClass(
        env, "NativeModel",
        {InstanceMethod<&ModelObject::info>("info"), InstanceMethod<&ModelObject::tokenize>("tokenize"),
         InstanceMethod<&ModelObject::tokens>("tokens"),
         InstanceMethod<&ModelObject::detokenize>("detokenize"),
         InstanceMethod<&ModelObject::chat_context>("chatContext"),
         InstanceMethod<&ModelObject::embed>("embed"), InstanceMethod<&ModelObject::rank>("rank"),
         InstanceMethod<&ModelObject::infill>("infill"),
         InstanceMethod<&ModelObject::read_image>("readImage"),
         InstanceMethod<&ModelObject::create_session>("createSession"),
         InstanceMethod<&ModelObject::save_corpus>("saveCorpus"),
         InstanceMethod<&ModelObject::dispose>("dispose")}));
}

ModelObject::ModelObject(const Napi::CallbackInfo & info)
    : ObjectWrap(info), loaded_(*info[0].As<Napi::External<Loaded>>().Data()) {}

Napi::Value ModelObject::load(const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    Environment & environment = Environment::of(env);
    const auto dispatcher = environment.dispatcher();
    const auto object = info[1].As<Napi::Object>();
    const auto options = with_js_errors(env, [&] { return model_options_from(object); });
    const auto corpus = with_js_errors(env, [&] { return corpus_options_from(object); });
    const Napi::Value drafts = object.Get("draftModel");
    const auto drafting = with_js_errors(env, [&]() -> std::shared_ptr<Model> {
        return drafts.IsObject() ? Unwrap(drafts.As<Napi::Object>())->model() : nullptr;
    });
    std::string path = info[0].ToString();

    Operation operation{Napi::Promise::Deferred::New(env), {}, {}, {}, {}};
    const Napi::Promise promise = operation.deferred.Promise();
    if (info[2].IsFunction()) operation.on_progress = Napi::Persistent(info[2].As<Napi::Function>());
    const Dispatcher::Id id = dispatcher->begin(std::move(operation));

    const auto job = environment.start(id, [dispatcher, id, path, options, corpus, drafting](auto & self) {
        int last_percent = -1;
        const auto progress = [&](float fraction) {
            const int percent = static_cast<int>(fraction * 100);
            if (percent != last_percent) dispatcher->progress(id, fraction, 1);
            last_percent = percent;
            return !self.stop;
        };
        try {
            auto model = Model::load(path, options, progress);
            const auto draft_model = options.mtp ? model : drafting;
            if (draft_model) require_draft_model(*model, *draft_model);
            auto learnt = std::make_shared<Learnt>(corpus, model->vocabulary_id());
            dispatcher->resolve(id, [model, learnt, draft_model](Napi::Env env) -> Napi::Value {
                Loaded loaded{model, learnt, std::make_shared<Embedder>(model), draft_model};
                return Environment::of(env).model_class.New({Napi::External<Loaded>::New(env, &loaded)});
            });
        } catch (...) {
            dispatcher->reject(id, as_error(std::current_exception(), ErrorCode::model_invalid));
        }
    });

    return native_call(env, promise, [job] { job->stop = true; });
}

const std::shared_ptr<Model> & ModelObject::model() const {
    if (!loaded_.model) throw Error(ErrorCode::disposed, "The model was disposed");
    return loaded_.model;
}

Napi::Value ModelObject::info(const Napi::CallbackInfo & info) {
    return with_js_errors(info.Env(), [&] { return model_info_to(info.Env(), *model()); });
}

Napi::Value ModelObject::tokenize(const Napi::CallbackInfo & info) {
    return with_js_errors(info.Env(), [&] {
        return tokens_to(info.Env(),
                         model()->vocabulary().tokenize(info[0].ToString().Utf8Value(), info[1].ToBoolean(),
                                                        info[2].ToBoolean()));
    });
}

Napi::Value ModelObject::tokens(const Napi::CallbackInfo & info) {
    return with_js_errors(info.Env(), [&] { return tokens_of_text(info, model()); });
}

Napi::Value ModelObject::chat_context(const Napi::CallbackInfo & info) {
    return with_js_errors(info.Env(), [&] { return ChatContextObject::create(info.Env(), model()); });
}

Napi::Value ModelObject::detokenize(const Napi::CallbackInfo & info) {
    return with_js_errors(info.Env(), [&]() -> Napi::Value {
        const auto tokens = tokens_from(info[0]);
        for (const Token token : tokens)
            if ((token < 0 && !is_image_row(token)) || token >= model()->vocabulary_size())
                throw Error(ErrorCode::option_invalid, "Expected token ids in 0…" +
                                                           std::to_string(model()->vocabulary_size() - 1) +
                                                           " but received " + std::to_string(token));
        return Napi::String::New(info.Env(), model()->vocabulary().detokenize(tokens, info[1].ToBoolean()));
    });
}

Napi::Value ModelObject::embed(const Napi::CallbackInfo & info) {
    return with_js_errors(info.Env(), [&] {
        model(); // throws where it was disposed
        return embed_texts(info, loaded_.embedder);
    });
}

Napi::Value ModelObject::rank(const Napi::CallbackInfo & info) {
    return with_js_errors(info.Env(), [&] {
        model();
        return rank_documents(info, loaded_.embedder);
    });
}

Napi::Value ModelObject::infill(const Napi::CallbackInfo & info) {
    return with_js_errors(info.Env(), [&] { return infill_tokens(info, model()); });
}

Napi::Value ModelObject::read_image(const Napi::CallbackInfo & info) {
    return with_js_errors(info.Env(), [&]() -> Napi::Value {
        if (!model()->images())
            throw Error(ErrorCode::image_invalid,
                        "The model reads no images; load it with its projector (mmproj), by "
                        "images: { projector }, or --projector on the command line");
        return reprise::read_image(info, model());
    });
}

Napi::Value ModelObject::create_session(const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    return with_js_errors(env, [&]() -> Napi::Value {
        ContextOptions options = context_options_from(info[0].As<Napi::Object>());
        options.draft_model = loaded_.draft_model;
        return SessionObject::create(env, Value(), model(), loaded_.learnt, options);
    });
}

Napi::Value ModelObject::save_corpus(const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    return with_js_errors(env, [&]() -> Napi::Value {
        Environment & environment = Environment::of(env);
        Operation operation{Napi::Promise::Deferred::New(env), {}, {}, {}, {}};
        const Napi::Promise promise = operation.deferred.Promise();
        const auto dispatcher = environment.dispatcher();
        model(); // throws where it was disposed
        const auto learnt = loaded_.learnt;
        const Dispatcher::Id id = dispatcher->begin(std::move(operation));
        environment.start(id, [dispatcher, id, learnt](Environment::Job &) {
            try {
                if (Corpus * corpus = learnt->corpus()) corpus->save();
                dispatcher->resolve(id, [](Napi::Env env) { return env.Undefined(); });
            } catch (...) {
                dispatcher->reject(id, as_error(std::current_exception(), ErrorCode::state_io));
            }
        });
        return promise;
    });
}

void ModelObject::dispose(const Napi::CallbackInfo & info) {
    const Loaded loaded = std::exchange(loaded_, {});
    if (loaded.embedder) loaded.embedder->close();
    if (!loaded.learnt || loaded.learnt->corpus() == nullptr) return;
    with_js_errors(info.Env(), [&] { loaded.learnt->corpus()->save(); });
}

} // namespace reprise
