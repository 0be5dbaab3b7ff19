#include <napi.h>

#include "addon/chat_objects.h"
#include "addon/device_values.h"
#include "addon/draft_objects.h"
#include "addon/environment.h"
#include "addon/model_object.h"
#include "addon/session_object.h"
#include "addon/values.h"
#include "addon/worker_object.h"
#include "cpu_variants/cpu_variants.h"
#include "draft/source.h"
#include "engine/error.h"
#include "engine/schema_grammar.h"
#include "engine/vector_units.h"

namespace {

Napi::Value system_info(const Napi::CallbackInfo & info) {
    return Napi::String::New(info.Env(), llama_print_system_info());
}

template <typename Names> Napi::Array array_of(Napi::Env env, const Names & names) {
    auto array = Napi::Array::New(env, names.size());
    for (uint32_t i = 0; i < names.size(); ++i) array.Set(i, names[i]);
    return array;
}

Napi::Value unused_vector_units(const Napi::CallbackInfo & info) {
    return array_of(info.Env(), reprise::vector_units().unused);
}

/// The code that computes on the processor, where the binary has it for several; else empty.
std::string cpu_variant(Napi::Env env) {
#if defined(REPRISE_CPU_VARIANTS)
    try {
        return reprise::cpu_variant();
    } catch (const std::runtime_error & error) {
        throw Napi::Error::New(env, error.what());
    }
#else
    (void)env;
    return {};
#endif
}

Napi::Value schema_grammar(const Napi::CallbackInfo & info) {
    const std::string schema = info[0].ToString();
    return Napi::String::New(
        info.Env(), reprise::with_js_errors(info.Env(), [&] { return reprise::schema_grammar(schema); }));
}

/// A binary that was built elsewhere must not be killed at its first pass.
void require_vector_units(Napi::Env env) {
    std::string missing;
    for (const auto & name : reprise::vector_units().missing) missing += (missing.empty() ? "" : ", ") + name;
    if (!missing.empty())
        throw Napi::Error::New(env, "this binary needs " + missing + ", which this processor lacks");
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
    require_vector_units(env);
    env.SetInstanceData(new reprise::Environment(env)); // owned by the environment from here on
    reprise::ModelObject::define(env);
    reprise::SessionObject::define(env);
    reprise::ChatContextObject::define(env);
    reprise::ReplyFormatObject::define(env);
    exports.Set("version", REPRISE_VERSION);
    exports.Set("llamaVersion", llama_version());
    exports.Set("cpuVariant", cpu_variant(env));
    exports.Set("systemInfo", Napi::Function::New(env, system_info));
    exports.Set("unusedVectorUnits", Napi::Function::New(env, unused_vector_units));
    exports.Set("errorCodes", array_of(env, reprise::error_code_names()));
    exports.Set("draftSources", array_of(env, reprise::draft::source_names()));
    exports.Set("devices", Napi::Function::New(env, reprise::devices));
    exports.Set("planModel", Napi::Function::New(env, reprise::plan_model));
    exports.Set("loadModel", Napi::Function::New(env, reprise::ModelObject::load));
    exports.Set("schemaGrammar", Napi::Function::New(env, schema_grammar));
    exports.Set("startWorker", Napi::Function::New(env, reprise::start_worker));
    exports.Set("ChatTemplate", reprise::ChatTemplateObject::define(env));
    exports.Set("Drafter", reprise::DrafterObject::define(env));
    exports.Set("SuffixIndex", reprise::SuffixIndexObject::define(env));
    return exports;
}

} // namespace

NODE_API_MODULE(reprise, init)
