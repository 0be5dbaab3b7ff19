#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ggml-backend.h"

#include "engine/error.h"

struct ggml_backend_rpc_server;

namespace reprise {

/// A device that a worker offers, with its memory in bytes.
struct OfferedDevice {
    std::string name;
    std::string description;
    size_t free_bytes;
    size_t total_bytes;
};

/// llama.cpp's RPC server: it computes on this machine's devices for one client after another.
class WorkerServer {
public:
    struct Options {
        std::string listen; ///< host:port; port 0 for any that is free
        /// Names of devices; empty for all GPUs, or the processor where there is none.
        std::vector<std::string> devices;
        int threads; ///< of the processor's device
        std::string
            cache_folder; ///< keeps large weights that were sent, so that they are sent once; empty for none
    };
    /// Gets a client's address, whether it came or went, and what it made fail, mostly nothing.
    using OnClient = std::function<void(const std::string & peer, bool connected, const std::string & fault)>;

    /// Listens. Throws Error OPTION_INVALID where that address cannot be had, a device is unknown, or the
    /// build has no RPC.
    explicit WorkerServer(Options options);
    ~WorkerServer();
    WorkerServer(const WorkerServer &) = delete;
    WorkerServer & operator=(const WorkerServer &) = delete;

    /// Where it listens, as host:port.
    std::string endpoint() const;
    std::vector<OfferedDevice> devices() const;
    /// Blocks until `stop`. A client that sends what it should not loses its connection.
    void serve(const OnClient & on_client);
    /// Ends `serve` soon, the connection of a client too. Any thread may call it.
    void stop();

private:
    Options options_;
    std::vector<ggml_backend_dev_t> devices_;
    ggml_backend_rpc_server * server_ = nullptr;
};

} // namespace reprise
