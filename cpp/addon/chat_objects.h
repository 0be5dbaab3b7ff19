#pragma once

#include <memory>

#include <napi.h>

#include "engine/chat_context.h"
#include "engine/model.h"
#include "jinja/template.h"

namespace reprise {

/// NativeChatTemplate of lib/addon.ts.
class ChatTemplateObject : public Napi::ObjectWrap<ChatTemplateObject> {
public:
    static Napi::Function define(Napi::Env env);
    /// `info[0]`: the source.
    explicit ChatTemplateObject(const Napi::CallbackInfo & info);

    const std::shared_ptr<const jinja::Template> & parsed() const { return template_; }

private:
    Napi::Value render(const Napi::CallbackInfo & info);

    std::shared_ptr<const jinja::Template> template_;
};

/// NativeChatContext of lib/addon.ts.
class ChatContextObject : public Napi::ObjectWrap<ChatContextObject> {
public:
    static void define(Napi::Env env);
    /// Of nothing. The object keeps the model.
    static Napi::Object create(Napi::Env env, std::shared_ptr<Model> model);

    /// `info[0]`: an External of `State`, which is taken.
    explicit ChatContextObject(const Napi::CallbackInfo & info);

private:
    struct State {
        std::shared_ptr<Model> model;
        std::shared_ptr<const ChatContext> context;
    };

    static Napi::Object wrap(Napi::Env env, State state);
    Napi::Value tokens(const Napi::CallbackInfo & info);
    Napi::Value prompt(const Napi::CallbackInfo & info);
    Napi::Value after_reply(const Napi::CallbackInfo & info);

    State state_;
};

/// The promise of NativeModel.tokens of lib/addon.ts.
Napi::Value tokens_of_text(const Napi::CallbackInfo & info, std::shared_ptr<Model> model);

} // namespace reprise
