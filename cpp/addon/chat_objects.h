#pragma once

#include <memory>
#include <mutex>

#include <napi.h>

#include "engine/chat_context.h"
#include "engine/chat_format.h"
#include "engine/model.h"
#include "jinja/template.h"

namespace reprise {

/// NativeChatTemplate of lib/addon.ts.
class ChatTemplateObject : public Napi::ObjectWrap<ChatTemplateObject> {
public:
    static Napi::Function define(Napi::Env env);
    /// What the threads that use the template share.
    struct Shared {
        Shared(const std::string & source, const std::string & bos, const std::string & eos);
        /// Made at first use, since analysing a template takes some milliseconds. Throws Error
        /// TEMPLATE_INVALID.
        ChatFormats & formats();

        /// How the template takes what messages say; it is tried at first use.
        jinja::ContentForm content_form();

        const jinja::Template parsed;

    private:
        std::once_flag tried_;
        jinja::ContentForm content_form_ = jinja::ContentForm::text;
        std::string source_, bos_, eos_;
        std::once_flag made_;
        std::unique_ptr<ChatFormats> formats_;
    };

    /// `info`: the source, and the texts of the BOS and the EOS token.
    explicit ChatTemplateObject(const Napi::CallbackInfo & info);

    const std::shared_ptr<Shared> & shared() const { return shared_; }

private:
    Napi::Value render(const Napi::CallbackInfo & info);

    std::shared_ptr<Shared> shared_;
};

/// NativeReplyFormat of lib/addon.ts.
class ReplyFormatObject : public Napi::ObjectWrap<ReplyFormatObject> {
public:
    static void define(Napi::Env env);
    static Napi::Object wrap(Napi::Env env, std::shared_ptr<const ChatFormat> format);

    /// `info[0]`: an External of the shared pointer, which is taken.
    explicit ReplyFormatObject(const Napi::CallbackInfo & info);

    const std::shared_ptr<const ChatFormat> & format() const { return format_; }

private:
    Napi::Value parse(const Napi::CallbackInfo & info);

    std::shared_ptr<const ChatFormat> format_;
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
    Napi::Value reply(const Napi::CallbackInfo & info);
    Napi::Value after_reply(const Napi::CallbackInfo & info);

    State state_;
};

/// The promise of NativeModel.tokens of lib/addon.ts.
Napi::Value tokens_of_text(const Napi::CallbackInfo & info, std::shared_ptr<Model> model);

} // namespace reprise
