#include "addon/device_values.h"

#include "addon/environment.h"
#include "addon/native_call.h"
#include "addon/properties.h"
#include "addon/values.h"
#include "engine/devices.h"
#include "engine/workers.h"

namespace reprise {

namespace {

std::optional<SplitMode> split_mode_from(const std::string & name) {
    if (name == "none") return SplitMode::none;
    if (name == "layer") return SplitMode::layer;
    if (name == "row") return SplitMode::row;
    if (name == "tensor") return SplitMode::tensor;
    return std::nullopt;
}

/// The NativeCall of what `work(job)` gives, which runs on a thread: a function that makes a value of it.
template <typename Work> Napi::Value on_a_thread(Napi::Env env, Work work) {
    Environment & environment = Environment::of(env);
    const auto dispatcher = environment.dispatcher();
    Operation operation{Napi::Promise::Deferred::New(env), {}, {}, {}, {}};
    const Napi::Promise promise = operation.deferred.Promise();
    const Dispatcher::Id id = dispatcher->begin(std::move(operation));
    const auto started =
        environment.start(id, [dispatcher, id, work = std::move(work)](Environment::Job & job) {
            try {
                dispatcher->resolve(id, work(job));
            } catch (...) {
                const Error aborted(ErrorCode::aborted, "The call was aborted");
                const Error failed = as_error(std::current_exception(), ErrorCode::native_failed);
                dispatcher->reject(id, job.stop ? aborted : failed);
            }
        });
    return native_call(env, promise, [started] { started->stop = true; });
}

Napi::Object device_to(Napi::Env env, const Device & device) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("name", device.name);
    object.Set("description", device.description);
    object.Set("type", device.type);
    object.Set("backend", device.backend);
    object.Set("totalBytes", static_cast<double>(device.total_bytes));
    object.Set("freeBytes", static_cast<double>(device.free_bytes));
    return object;
}

} // namespace

DeviceOptions device_options_from(const Napi::Object & object) {
    DeviceOptions options;
    if (object.Get("gpuLayers").IsNumber()) options.gpu_layers = integer(object, "gpuLayers");
    if (object.Get("devices").IsArray()) options.devices = texts(object, "devices");
    options.rpc = texts(object, "rpc");
    options.split_mode = split_mode_from(text(object, "splitMode"));
    const auto shares = object.Get("tensorSplit").As<Napi::Array>();
    for (uint32_t i = 0; i < shares.Length(); ++i)
        options.tensor_split.push_back(shares.Get(i).ToNumber().FloatValue());
    options.cpu_moe = integer(object, "cpuMoe");
    options.room_for = context_options_from(object.Get("roomFor").As<Napi::Object>());
    return options;
}

Napi::Object placement_to(Napi::Env env, const Placement & placement) {
    auto shares = Napi::Array::New(env, placement.shares.size());
    for (uint32_t i = 0; i < placement.shares.size(); ++i) {
        const DeviceShare & share = placement.shares[i];
        Napi::Object object = Napi::Object::New(env);
        object.Set("device", share.device);
        object.Set("layers", share.layers);
        object.Set("weightBytes", static_cast<double>(share.weight_bytes));
        object.Set("cacheBytes", static_cast<double>(share.cache_bytes));
        object.Set("computeBytes", static_cast<double>(share.compute_bytes));
        shares.Set(i, object);
    }
    Napi::Object object = Napi::Object::New(env);
    object.Set("devices", shares);
    object.Set("logits", placement.logits);
    object.Set("whole", placement.whole);
    return object;
}

Napi::Object placement_to(Napi::Env env, const SessionPlacement & session) {
    Napi::Object object = placement_to(env, session.where);
    object.Set("graphReuse", session.features.graph_reuse);
    object.Set("deviceLogits", session.features.device_logits);
    object.Set("cudaKernels", session.features.cuda_kernels);
    object.Set("deviceMatching", session.features.device_matching);
    return object;
}

Napi::Value devices(const Napi::CallbackInfo & info) {
    return with_js_errors(info.Env(), [&] {
        const std::vector<std::string> workers = texts(info[0].As<Napi::Object>(), "rpc");
        return on_a_thread(info.Env(), [workers](Environment::Job & job) {
            const WaitForWorkers waiting([&] { return !job.stop; });
            return
                [backends = backend_names(), devices = list_devices(workers)](Napi::Env env) -> Napi::Value {
                    Napi::Object object = Napi::Object::New(env);
                    auto names = Napi::Array::New(env, backends.size());
                    for (uint32_t i = 0; i < backends.size(); ++i) names.Set(i, backends[i]);
                    auto list = Napi::Array::New(env, devices.size());
                    for (uint32_t i = 0; i < devices.size(); ++i) list.Set(i, device_to(env, devices[i]));
                    object.Set("backends", names);
                    object.Set("devices", list);
                    return object;
                };
        });
    });
}

Napi::Value plan_model(const Napi::CallbackInfo & info) {
    return with_js_errors(info.Env(), [&] {
        const std::string path = info[0].ToString();
        const ModelOptions options = model_options_from(info[1].As<Napi::Object>());
        return on_a_thread(info.Env(), [path, options](Environment::Job & job) {
            const auto progress = [&](float) { return !job.stop; };
            return [placement = Model::plan(path, options, progress)](Napi::Env env) -> Napi::Value {
                return placement_to(env, placement);
            };
        });
    });
}

} // namespace reprise
