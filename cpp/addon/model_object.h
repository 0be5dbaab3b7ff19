#pragma once

#include <memory>

#include <napi.h>

#include "engine/embedder.h"
#include "engine/learnt.h"
#include "engine/model.h"

namespace reprise {

/// NativeModel of lib/addon.ts.
class ModelObject : public Napi::ObjectWrap<ModelObject> {
public:
    static void define(Napi::Env env);
    /// loadModel of lib/addon.ts.
    static Napi::Value load(const Napi::CallbackInfo & info);

    /// `info[0]`: an External of Loaded.
    explicit ModelObject(const Napi::CallbackInfo & info);
    /// Throws Error DISPOSED.
    const std::shared_ptr<Model> & model() const;

private:
    struct Loaded {
        std::shared_ptr<Model> model;
        std::shared_ptr<Learnt> learnt;
        std::shared_ptr<Embedder> embedder;
        std::shared_ptr<Model> draft_model; ///< that drafts for it, or a null pointer
    };

    Napi::Value info(const Napi::CallbackInfo & info);
    Napi::Value tokenize(const Napi::CallbackInfo & info);
    Napi::Value tokens(const Napi::CallbackInfo & info);
    Napi::Value detokenize(const Napi::CallbackInfo & info);
    Napi::Value chat_context(const Napi::CallbackInfo & info);
    Napi::Value embed(const Napi::CallbackInfo & info);
    Napi::Value rank(const Napi::CallbackInfo & info);
    Napi::Value read_image(const Napi::CallbackInfo & info);
    Napi::Value infill(const Napi::CallbackInfo & info);
    Napi::Value create_session(const Napi::CallbackInfo & info);
    Napi::Value save_corpus(const Napi::CallbackInfo & info);
    void dispose(const Napi::CallbackInfo & info);
    Loaded loaded_;
};

} // namespace reprise
