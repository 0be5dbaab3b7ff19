#include "addon/chat_objects.h"

#include <ctime>

#include "addon/environment.h"
#include "addon/on_a_thread.h"
#include "addon/values.h"

namespace reprise {

namespace {

/// NativeImageMark of lib/native-chat.ts.
std::vector<ImageMark> image_marks_from(const Napi::Value & value) {
    std::vector<ImageMark> marks;
    const auto array = value.As<Napi::Array>();
    for (uint32_t i = 0; i < array.Length(); ++i) {
        const auto object = array.Get(i).As<Napi::Object>();
        marks.push_back({object.Get("mark").ToString(), tokens_from(object.Get("tokens")),
                         object.Get("times").ToNumber().Int32Value()});
    }
    return marks;
}

/// Throws Error TEMPLATE_INVALID where a template leaves out an image, or prints one more often than the
/// messages have it.
void require_marks(const std::string & text, const std::vector<ImageMark> & images) {
    for (const ImageMark & image : images) {
        int times = 0;
        for (size_t at = text.find(image.mark); at != text.npos; at = text.find(image.mark, at + 1)) ++times;
        if (times == image.times) continue;
        throw Error(ErrorCode::template_invalid,
                    "The chat template prints an image " + std::to_string(times) +
                        " times that the messages have " + std::to_string(image.times) +
                        " times: it drops, repeats or alters what messages say; pass another template");
    }
}

/// What a rendering takes from JavaScript: NativeChatRequest of lib/addon.ts.
struct Request {
    std::shared_ptr<ChatTemplateObject::Shared> chat_template;
    std::vector<jinja::Message> messages;
    std::string variables;
    std::string begun;
    std::time_t now;
    bool parse_special;
    std::vector<ImageMark> images;

    static Request from(std::shared_ptr<ChatTemplateObject::Shared> chat_template,
                        const Napi::Object & object) {
        Request request{std::move(chat_template),
                        {},
                        object.Get("variables").ToString(),
                        object.Get("begun").ToString(),
                        std::time(nullptr),
                        object.Get("parseSpecial").ToBoolean(),
                        {}};
        const auto messages = object.Get("messages").As<Napi::Array>();
        for (uint32_t i = 0; i < messages.Length(); ++i) {
            const auto message = messages.Get(i).As<Napi::Object>();
            request.messages.push_back({message.Get("role").ToString(), message.Get("content").ToString()});
        }
        request.images = image_marks_from(object.Get("images"));
        if (const Napi::Value now = object.Get("now"); now.IsNumber())
            request.now = static_cast<std::time_t>(now.As<Napi::Number>().Int64Value());
        return request;
    }

    jinja::Text render(const std::atomic<bool> & stop) const {
        jinja::Limits limits;
        limits.stop = &stop;
        try {
            jinja::Text text =
                chat_template->parsed.render(messages, variables, now, limits, chat_template->content_form());
            if (text.empty() && begun.empty())
                throw jinja::Failure("it renders no text; pass another template");
            return text += jinja::Text::content(begun);
        } catch (const jinja::Failure & failure) {
            throw Error(ErrorCode::template_invalid,
                        std::string("The chat template cannot be applied to these messages: ") +
                            failure.what());
        }
    }
};

} // namespace

Napi::Function ChatTemplateObject::define(Napi::Env env) {
    return DefineClass(env, "NativeChatTemplate", {InstanceMethod<&ChatTemplateObject::render>("render")});
}

ChatTemplateObject::ChatTemplateObject(const Napi::CallbackInfo & info) : ObjectWrap(info) {
    with_js_errors(info.Env(), [&] {
        try {
            const auto text = [&](size_t i) {
                return info[i].IsString() ? info[i].ToString().Utf8Value() : std::string();
            };
            shared_ = std::make_shared<Shared>(text(0), text(1), text(2));
        } catch (const jinja::Failure & failure) {
            throw Error(ErrorCode::template_invalid,
                        std::string("The chat template cannot be parsed: ") + failure.what());
        }
    });
}

ChatTemplateObject::Shared::Shared(const std::string & source, const std::string & bos,
                                   const std::string & eos)
    : parsed(source), source_(source), bos_(bos), eos_(eos) {}

jinja::ContentForm ChatTemplateObject::Shared::content_form() {
    std::call_once(tried_, [&] {
        constexpr const char * word = "CONTENT_WORD";
        const auto shows = [&](jinja::ContentForm form) {
            try {
                const jinja::Text text = parsed.render({{"user", word}}, "{}", 0, {}, form);
                // A list that is printed as Python prints it was meant to be a text.
                return text.bytes().find(word) != std::string::npos &&
                       text.bytes().find("'text'") == std::string::npos;
            } catch (const jinja::Failure &) {
                return false;
            }
        };
        // Templates of vision models may go through parts, and print nothing of a text.
        if (!shows(jinja::ContentForm::text) && shows(jinja::ContentForm::parts))
            content_form_ = jinja::ContentForm::parts;
    });
    return content_form_;
}

ChatFormats & ChatTemplateObject::Shared::formats() {
    std::call_once(made_, [&] { formats_ = std::make_unique<ChatFormats>(source_, bos_, eos_); });
    return *formats_;
}

void ReplyFormatObject::define(Napi::Env env) {
    Environment::of(env).reply_format_class = Napi::Persistent(
        DefineClass(env, "NativeReplyFormat", {InstanceMethod<&ReplyFormatObject::parse>("parse")}));
}

Napi::Object ReplyFormatObject::wrap(Napi::Env env, std::shared_ptr<const ChatFormat> format) {
    return Environment::of(env).reply_format_class.New(
        {Napi::External<std::shared_ptr<const ChatFormat>>::New(env, &format)});
}

ReplyFormatObject::ReplyFormatObject(const Napi::CallbackInfo & info)
    : ObjectWrap(info),
      format_(std::move(*info[0].As<Napi::External<std::shared_ptr<const ChatFormat>>>().Data())) {}

Napi::Value ReplyFormatObject::parse(const Napi::CallbackInfo & info) {
    auto text = std::make_shared<const std::string>(info[0].ToString().Utf8Value());
    const bool partial = info[1].ToBoolean();
    return on_a_thread<std::string>(
        info.Env(),
        [text, partial, format = format_](const std::atomic<bool> &) {
            return format->parse(*text, partial);
        },
        [](Napi::Env env, std::string & parts) { return Napi::String::New(env, parts); });
}

Napi::Value ChatTemplateObject::render(const Napi::CallbackInfo & info) {
    auto request = std::make_shared<const Request>(Request::from(shared_, info[0].As<Napi::Object>()));
    return on_a_thread<std::string>(
        info.Env(), [request](const std::atomic<bool> & stop) { return request->render(stop).bytes(); },
        [](Napi::Env env, std::string & text) { return Napi::String::New(env, text); });
}

void ChatContextObject::define(Napi::Env env) {
    Environment::of(env).chat_context_class =
        Napi::Persistent(DefineClass(env, "NativeChatContext",
                                     {InstanceMethod<&ChatContextObject::tokens>("tokens"),
                                      InstanceMethod<&ChatContextObject::prompt>("prompt"),
                                      InstanceMethod<&ChatContextObject::reply>("reply"),
                                      InstanceMethod<&ChatContextObject::after_reply>("afterReply")}));
}

Napi::Object ChatContextObject::create(Napi::Env env, std::shared_ptr<Model> model) {
    return wrap(env, {std::move(model), std::make_shared<const ChatContext>()});
}

Napi::Object ChatContextObject::wrap(Napi::Env env, State state) {
    return Environment::of(env).chat_context_class.New({Napi::External<State>::New(env, &state)});
}

ChatContextObject::ChatContextObject(const Napi::CallbackInfo & info)
    : ObjectWrap(info), state_(std::move(*info[0].As<Napi::External<State>>().Data())) {}

Napi::Value ChatContextObject::tokens(const Napi::CallbackInfo & info) {
    return tokens_to(info.Env(), state_.context->tokens());
}

Napi::Value ChatContextObject::prompt(const Napi::CallbackInfo & info) {
    const auto * chat_template = ChatTemplateObject::Unwrap(info[0].As<Napi::Object>());
    auto request =
        std::make_shared<const Request>(Request::from(chat_template->shared(), info[1].As<Napi::Object>()));
    return on_a_thread<State>(
        info.Env(),
        [request, state = state_](const std::atomic<bool> & stop) -> State {
            const jinja::Text text = request->render(stop);
            const Vocabulary & vocabulary = state.model->vocabulary();
            require_marks(text.bytes(), request->images);
            return {state.model,
                    std::make_shared<const ChatContext>(state.context->prompt(
                        vocabulary, text.bytes(), request->parse_special ? std::string() : text.marks(),
                        state.model->first_token(), request->images))};
        },
        [](Napi::Env env, State & next) { return wrap(env, std::move(next)); });
}

Napi::Value ChatContextObject::reply(const Napi::CallbackInfo & info) {
    struct Made {
        State state;
        std::shared_ptr<const ChatFormat> format;
    };
    const auto shared = ChatTemplateObject::Unwrap(info[0].As<Napi::Object>())->shared();
    auto request = std::make_shared<const std::string>(info[1].ToString().Utf8Value());
    const bool parse_special = info[2].ToBoolean();
    auto images = std::make_shared<const std::vector<ImageMark>>(image_marks_from(info[3]));
    return on_a_thread<Made>(
        info.Env(),
        [shared, request, parse_special, images, state = state_](const std::atomic<bool> & stop) -> Made {
            const Vocabulary & vocabulary = state.model->vocabulary();
            auto format = shared->formats().format(*request, vocabulary, std::time(nullptr), stop);
            const jinja::Text & text = format->prompt();
            require_marks(text.bytes(), *images);
            return {{state.model, std::make_shared<const ChatContext>(state.context->prompt(
                                      vocabulary, text.bytes(), parse_special ? std::string() : text.marks(),
                                      state.model->first_token(), *images))},
                    std::move(format)};
        },
        [](Napi::Env env, Made & made) {
            Napi::Object object = Napi::Object::New(env);
            object.Set("context", wrap(env, std::move(made.state)));
            object.Set("format", ReplyFormatObject::wrap(env, std::move(made.format)));
            return object;
        });
}

Napi::Value ChatContextObject::after_reply(const Napi::CallbackInfo & info) {
    return with_js_errors(info.Env(), [&]() -> Napi::Value {
        const auto tokens = tokens_from(info[0]);
        return wrap(info.Env(),
                    {state_.model, std::make_shared<const ChatContext>(
                                       state_.context->after_reply(state_.model->vocabulary(), tokens))});
    });
}

Napi::Value tokens_of_text(const Napi::CallbackInfo & info, std::shared_ptr<Model> model) {
    auto text = std::make_shared<const std::string>(info[0].ToString().Utf8Value());
    const bool begins = info[1].ToBoolean();
    return on_a_thread<std::vector<Token>>(
        info.Env(),
        [text, begins, model](const std::atomic<bool> &) {
            const Vocabulary & vocabulary = model->vocabulary();
            const std::vector<Fragment> fragments = vocabulary.fragments(*text, {});
            std::vector<Token> tokens;
            if (begins)
                vocabulary.append(*text, fragments, 0, tokens);
            else
                vocabulary.append_continued(*text, fragments, tokens);
            const Token first = model->first_token();
            if (begins && first >= 0 && !tokens.empty() && tokens[0] != first)
                tokens.insert(tokens.begin(), first);
            return tokens;
        },
        [](Napi::Env env, std::vector<Token> & tokens) { return tokens_to(env, tokens); });
}

} // namespace reprise
