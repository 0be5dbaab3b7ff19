#include "addon/worker_object.h"

#include <memory>
#include <utility>

#include "addon/environment.h"
#include "addon/values.h"
#include "engine/worker_server.h"

namespace reprise {

namespace {

Napi::Value devices_to(Napi::Env env, const std::vector<OfferedDevice> & devices) {
    auto array = Napi::Array::New(env, devices.size());
    for (uint32_t i = 0; i < devices.size(); ++i) {
        Napi::Object device = Napi::Object::New(env);
        device.Set("name", devices[i].name);
        device.Set("description", devices[i].description);
        device.Set("freeBytes", static_cast<double>(devices[i].free_bytes));
        device.Set("totalBytes", static_cast<double>(devices[i].total_bytes));
        array.Set(i, device);
    }
    return array;
}

} // namespace

Napi::Value start_worker(const Napi::CallbackInfo & info) {
    const Napi::Env env = info.Env();
    return with_js_errors(env, [&]() -> Napi::Value {
        Environment & environment = Environment::of(env);
        const auto server = std::make_shared<WorkerServer>(worker_options_from(info[0].As<Napi::Object>()));
        Operation operation{Napi::Promise::Deferred::New(env), {}, {}, {}, {}};
        const Napi::Promise ended = operation.deferred.Promise();
        operation.on_chunk = Napi::Persistent(info[1].As<Napi::Function>());
        const auto dispatcher = environment.dispatcher();
        const Dispatcher::Id id = dispatcher->begin(std::move(operation));
        const auto on_client = [dispatcher, id](const std::string & peer, bool connected,
                                                const std::string & fault) {
            dispatcher->chunk(id, [peer, connected, fault](Napi::Env env) -> Napi::Value {
                Napi::Object event = Napi::Object::New(env);
                event.Set("peer", peer);
                event.Set("connected", connected);
                event.Set("fault", fault);
                return event;
            });
        };
        const auto job = environment.start(id, [dispatcher, id, server, on_client](Environment::Job &) {
            try {
                server->serve(on_client);
                dispatcher->resolve(id, [](Napi::Env env) { return env.Undefined(); });
            } catch (...) {
                dispatcher->reject(id, as_error(std::current_exception(), ErrorCode::native_failed));
            }
        });
        job->interrupt = [server] { server->stop(); };

        Napi::Object worker = Napi::Object::New(env);
        worker.Set("endpoint", server->endpoint());
        worker.Set("devices", devices_to(env, server->devices()));
        worker.Set("ended", ended);
        worker.Set("stop",
                   Napi::Function::New(env, [server](const Napi::CallbackInfo &) { server->stop(); }));
        return worker;
    });
}

} // namespace reprise
