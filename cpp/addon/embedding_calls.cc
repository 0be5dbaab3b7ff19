#include "addon/embedding_calls.h"

#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "addon/environment.h"
#include "addon/native_call.h"
#include "addon/properties.h"
#include "addon/values.h"
#include "engine/embedding_texts.h"
#include "engine/infill.h"

namespace reprise {

namespace {

/// A text, or its tokens.
using Input = std::variant<std::string, std::vector<Token>>;

std::vector<Input> inputs_from(const Napi::Value & value) {
    const auto array = value.As<Napi::Array>();
    std::vector<Input> inputs;
    for (uint32_t i = 0; i < array.Length(); ++i) {
        const Napi::Value one = array.Get(i);
        if (one.IsString())
            inputs.emplace_back(one.ToString().Utf8Value());
        else
            inputs.emplace_back(tokens_from(one));
    }
    return inputs;
}

std::vector<Token> tokens_of(const Model & model, Input && input) {
    if (const auto * text = std::get_if<std::string>(&input)) return text_to_embed(model, *text);
    return std::get<std::vector<Token>>(std::move(input));
}

EmbedOptions options_from(const Napi::Object & object) {
    EmbedOptions options;
    const std::string pooling = text(object, "pooling");
    options.pooling = pooling == "mean"   ? LLAMA_POOLING_TYPE_MEAN
                      : pooling == "cls"  ? LLAMA_POOLING_TYPE_CLS
                      : pooling == "last" ? LLAMA_POOLING_TYPE_LAST
                                          : LLAMA_POOLING_TYPE_UNSPECIFIED;
    options.normalize = boolean(object, "normalize");
    options.truncate = boolean(object, "truncate");
    options.threads = integer(object, "threads");
    return options;
}

Napi::Value numbers_to(Napi::Env env, std::span<const float> numbers) {
    auto array = Napi::Float32Array::New(env, numbers.size());
    std::copy(numbers.begin(), numbers.end(), array.Data());
    return array;
}

/// The NativeCall of what `work` gives on a thread of its own; `to_value` makes it JavaScript.
template <typename Work, typename ToValue>
Napi::Value on_a_thread(Napi::Env env, Work work, ToValue to_value) {
    Environment & environment = Environment::of(env);
    const auto dispatcher = environment.dispatcher();
    Operation operation{Napi::Promise::Deferred::New(env), {}, {}, {}, {}};
    const Napi::Promise promise = operation.deferred.Promise();
    const Dispatcher::Id id = dispatcher->begin(std::move(operation));
    const auto job = environment.start(
        id, [dispatcher, id, work = std::move(work), to_value](Environment::Job & self) mutable {
            try {
                auto result = work(self.stop);
                dispatcher->resolve(id, [result = std::move(result), to_value](Napi::Env env) -> Napi::Value {
                    return to_value(env, result);
                });
            } catch (...) {
                dispatcher->reject(id, as_error(std::current_exception(), ErrorCode::native_failed));
            }
        });
    return native_call(env, promise, [job] { job->stop = true; });
}

} // namespace

Napi::Value embed_texts(const Napi::CallbackInfo & info, std::shared_ptr<Embedder> embedder) {
    return on_a_thread(
        info.Env(),
        [embedder = std::move(embedder), inputs = inputs_from(info[0]),
         options = options_from(info[1].As<Napi::Object>())](const std::atomic<bool> & stop) mutable {
            std::vector<std::vector<Token>> texts;
            for (Input & input : inputs) {
                if (stop) break; // embed() says so
                texts.push_back(tokens_of(embedder->model(), std::move(input)));
            }
            return embedder->embed(std::move(texts), options, stop);
        },
        [](Napi::Env env, const std::vector<std::vector<float>> & embeddings) {
            auto array = Napi::Array::New(env, embeddings.size());
            for (uint32_t i = 0; i < embeddings.size(); ++i) array.Set(i, numbers_to(env, embeddings[i]));
            return array;
        });
}

Napi::Value rank_documents(const Napi::CallbackInfo & info, std::shared_ptr<Embedder> embedder) {
    return on_a_thread(
        info.Env(),
        [embedder = std::move(embedder), query = info[0].ToString().Utf8Value(),
         documents = texts_of(info[1]),
         options = options_from(info[2].As<Napi::Object>())](const std::atomic<bool> & stop) {
            std::vector<std::vector<Token>> pairs;
            for (const std::string & document : documents) {
                if (stop) break;
                pairs.push_back(pair_to_rank(embedder->model(), query, document));
            }
            return embedder->rank(std::move(pairs), options, stop);
        },
        [](Napi::Env env, const std::vector<float> & scores) { return numbers_to(env, scores); });
}

Napi::Value infill_tokens(const Napi::CallbackInfo & info, std::shared_ptr<const Model> model) {
    return on_a_thread(
        info.Env(),
        [model = std::move(model), prefix = info[0].ToString().Utf8Value(),
         suffix = info[1].ToString().Utf8Value()](const std::atomic<bool> &) {
            return infill_prompt(*model, prefix, suffix);
        },
        [](Napi::Env env, const std::vector<Token> & tokens) { return tokens_to(env, tokens); });
}

} // namespace reprise
