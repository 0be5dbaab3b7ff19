#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ggml-backend.h"

#include "engine/error.h"

namespace reprise {

/// Throws Error OPTION_INVALID where the build has no RPC backend of llama.cpp, or one without our patch.
void require_rpc();

/// Connections to the workers, RPC servers of llama.cpp, that hold parts of one model. A worker that was lost
/// once stays lost for the model, whose weights it held, also where one runs at its address again.
class Workers {
public:
    /// Connects to each `host:port`, or shares the connection that the process has. Throws Error
    /// WORKER_UNAVAILABLE; or OPTION_INVALID where the build has no RPC, or the process is connected to the
    /// worker by another name.
    explicit Workers(const std::vector<std::string> & endpoints);
    ~Workers();
    Workers(const Workers &) = delete;
    Workers & operator=(const Workers &) = delete;

    bool empty() const { return connections_.empty(); }
    /// The devices of all workers, in their order. They are of use while this lives.
    std::vector<ggml_backend_dev_t> devices() const;
    /// Which worker was lost and why; empty while all are there.
    std::string loss() const;
    /// Throws Error WORKER_UNAVAILABLE where one was lost. What was computed since the last time that it did
    /// not throw may be zeros.
    void require() const;

private:
    struct Connection;
    std::vector<Connection> connections_;
};

/// While this lives, the calling thread, where it waits for a worker, asks whether it still `should_wait`.
/// Ten seconds after that became false the connection is given up: a worker that hangs and one that computes
/// for long look the same. A connection that is not made yet is given up at once.
class WaitForWorkers {
public:
    explicit WaitForWorkers(std::function<bool()> should_wait);
    ~WaitForWorkers();
    WaitForWorkers(const WaitForWorkers &) = delete;
    WaitForWorkers & operator=(const WaitForWorkers &) = delete;
};

} // namespace reprise
