#pragma once

#include <span>
#include <string>
#include <vector>

#include <napi.h>

#include "draft/source.h"
#include "engine/assertions.h"
#include "engine/context.h"
#include "engine/generation.h"
#include "engine/learnt.h"
#include "engine/worker_server.h"

/// Plain C++ values from and to JavaScript; the shapes are those of lib/addon.ts.
namespace reprise {

std::vector<Token> tokens_from(const Napi::Value & value);
Napi::Value tokens_to(Napi::Env env, std::span<const Token> tokens);

ModelOptions model_options_from(const Napi::Object & object);
CorpusOptions corpus_options_from(const Napi::Object & object);
ContextOptions context_options_from(const Napi::Object & object);
GenerateOptions generate_options_from(const Napi::Object & object);
WorkerServer::Options worker_options_from(const Napi::Object & object);
/// From NativeGenerateOptions.mix.
draft::Mix mix_from(const std::string & name);
draft::Source source_from(const Napi::Value & value);

Napi::Object model_info_to(Napi::Env env, const Model & model);
Napi::Object metrics_to(Napi::Env env, const Metrics & metrics);
Napi::Object chunk_to(Napi::Env env, const Chunk & chunk);
Napi::Object result_to(Napi::Env env, const GenerationResult & result);

/// Calls `work`. What it throws becomes a JavaScript error with a code; an error of JavaScript stays as it
/// is.
template <typename Work> auto with_js_errors(Napi::Env env, Work && work) {
    try {
        return work();
    } catch (const Napi::Error &) {
        throw;
    } catch (...) {
        const Error error = as_error(std::current_exception(), ErrorCode::native_failed);
        Napi::Error thrown = Napi::Error::New(env, error.what());
        thrown.Set("code", Napi::String::New(env, name_of(error.code())));
        throw thrown;
    }
}

} // namespace reprise
