#include <napi.h>

#include "addon/draft_objects.h"
#include "addon/environment.h"
#include "addon/model_object.h"
#include "addon/session_object.h"

namespace {

Napi::Value system_info(const Napi::CallbackInfo & info) {
    return Napi::String::New(info.Env(), llama_print_system_info());
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
    env.SetInstanceData(new reprise::Environment(env)); // owned by the environment from here on
    reprise::ModelObject::define(env);
    reprise::SessionObject::define(env);
    exports.Set("llamaVersion", llama_version());
    exports.Set("systemInfo", Napi::Function::New(env, system_info));
    exports.Set("loadModel", Napi::Function::New(env, reprise::ModelObject::load));
    exports.Set("Drafter", reprise::DrafterObject::define(env));
    exports.Set("SuffixIndex", reprise::SuffixIndexObject::define(env));
    return exports;
}

} // namespace

NODE_API_MODULE(reprise, init)
