#include "engine/worker_server.h"

#include <utility>

#ifdef GGML_USE_RPC
#include "ggml-rpc.h"
#endif

#include "engine/devices.h"
#include "engine/llama_log.h"
#include "engine/workers.h"

namespace reprise {

#ifdef GGML_RPC_FAILURES_ARE_ERRORS

namespace {

std::vector<ggml_backend_dev_t> all_devices() {
    std::vector<ggml_backend_dev_t> all;
    for (size_t i = 0; i < ggml_backend_dev_count(); ++i) all.push_back(ggml_backend_dev_get(i));
    return all;
}

std::vector<ggml_backend_dev_t> devices_of(const std::vector<std::string> & names) {
    std::vector<ggml_backend_dev_t> devices;
    std::string known;
    for (const auto device : all_devices())
        known += (known.empty() ? "" : ", ") + std::string(ggml_backend_dev_name(device));
    for (const std::string & name : names) {
        const auto device = ggml_backend_dev_by_name(name.c_str());
        if (!device)
            throw Error(ErrorCode::option_invalid,
                        "Expected one of " + known + " for --device but received " + name);
        devices.push_back(device);
    }
    if (!devices.empty()) return devices;
    for (const auto device : all_devices()) {
        const auto type = ggml_backend_dev_type(device);
        if (type == GGML_BACKEND_DEVICE_TYPE_GPU || type == GGML_BACKEND_DEVICE_TYPE_IGPU)
            devices.push_back(device);
    }
    if (devices.empty()) devices.push_back(ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU));
    return devices;
}

} // namespace

WorkerServer::WorkerServer(Options options) : options_(std::move(options)) {
    init_backends_once();
    devices_ = devices_of(options_.devices);
    LogCapture log;
    server_ = ggml_backend_rpc_listen(options_.listen.c_str());
    if (!server_)
        throw Error(ErrorCode::option_invalid,
                    "Expected an address of this machine whose port is free for --listen but received " +
                        options_.listen + ": " + log.reason());
}

WorkerServer::~WorkerServer() {
    ggml_backend_rpc_server_free(server_);
}

std::string WorkerServer::endpoint() const {
    return ggml_backend_rpc_server_endpoint(server_);
}

void WorkerServer::serve(const OnClient & on_client) {
    const auto call = [](const char * peer, bool connected, const char * fault, void * data) noexcept {
        try {
            (*static_cast<const OnClient *>(data))(peer, connected, fault ? fault : "");
        } catch (...) { // The client is served all the same.
        }
    };
    LogCapture log;
    const char * const folder = options_.cache_folder.empty() ? nullptr : options_.cache_folder.c_str();
    ggml_backend_rpc_serve(server_, folder, options_.threads, devices_.size(), devices_.data(), call,
                           const_cast<OnClient *>(&on_client));
}

void WorkerServer::stop() {
    ggml_backend_rpc_stop(server_);
}

#else

WorkerServer::WorkerServer(Options options) : options_(std::move(options)) {
    require_rpc();
}

WorkerServer::~WorkerServer() = default;

std::string WorkerServer::endpoint() const {
    return options_.listen;
}

void WorkerServer::serve(const OnClient &) {}

void WorkerServer::stop() {}

#endif

std::vector<OfferedDevice> WorkerServer::devices() const {
    std::vector<OfferedDevice> offered;
    for (const auto device : devices_) {
        OfferedDevice one{ggml_backend_dev_name(device), ggml_backend_dev_description(device), 0, 0};
        ggml_backend_dev_memory(device, &one.free_bytes, &one.total_bytes);
        offered.push_back(one);
    }
    return offered;
}

} // namespace reprise
