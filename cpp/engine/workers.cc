#include "engine/workers.h"

#include <chrono>
#include <optional>

#ifdef GGML_USE_RPC
#include "ggml-rpc.h"
#endif

#include "engine/llama_log.h"

namespace reprise {

#ifdef GGML_RPC_FAILURES_ARE_ERRORS

namespace {

using Clock = std::chrono::steady_clock;

/// So long a worker may take to answer somebody who no longer wants to wait.
constexpr auto patience = std::chrono::seconds(10);
/// A thread that waits asks ten times a second. If it did not ask for longer, it did not wait.
constexpr auto same_wait = std::chrono::seconds(1);

struct Waiting {
    std::function<bool()> should_wait;
    bool is_connecting; ///< Nothing is lost then by giving up at once.
    std::optional<Clock::time_point> unwanted_since;
    Clock::time_point last_asked;
};
thread_local Waiting waiting;

bool is_given_up(void *) noexcept {
    if (waiting.should_wait()) {
        waiting.unwanted_since.reset();
        return false;
    }
    if (waiting.is_connecting) return true;
    const auto now = Clock::now();
    if (!waiting.unwanted_since || now - waiting.last_asked > same_wait) waiting.unwanted_since = now;
    waiting.last_asked = now;
    return now - *waiting.unwanted_since > patience;
}

ggml_backend_rpc_connection_t connect(const std::string & endpoint) {
    waiting.is_connecting = true;
    const auto handle = ggml_backend_rpc_connect(endpoint.c_str());
    waiting.is_connecting = false;
    return handle;
}

} // namespace

struct Workers::Connection {
    struct Close {
        void operator()(ggml_backend_rpc_connection_t connection) const {
            ggml_backend_rpc_disconnect(connection);
        }
    };
    std::string endpoint;
    std::unique_ptr<ggml_backend_rpc_connection, Close> handle;
};

void require_rpc() {}

Workers::Workers(const std::vector<std::string> & endpoints) {
    for (const std::string & endpoint : endpoints) {
        LogCapture log;
        const auto handle = connect(endpoint);
        if (handle) {
            connections_.push_back({endpoint, {handle, {}}});
            continue;
        }
        if (const char * name = ggml_backend_rpc_connected_as())
            throw Error(ErrorCode::option_invalid,
                        "Expected one name for each worker in rpc but received \"" + endpoint +
                            "\": this process is connected to that worker as " + name +
                            "; name it so here too, once");
        throw Error(
            ErrorCode::worker_unavailable,
            "Could not reach the worker " + endpoint + ": " + log.reason() +
                "; start one there with \"reprise worker\" of this version; where one runs, it may be "
                "in use: it serves one process at a time, by one of its addresses");
    }
}

std::vector<ggml_backend_dev_t> Workers::devices() const {
    std::vector<ggml_backend_dev_t> devices;
    for (const Connection & connection : connections_) {
        const ggml_backend_reg_t reg = ggml_backend_rpc_connection_reg(connection.handle.get());
        for (size_t i = 0; i < ggml_backend_reg_dev_count(reg); ++i)
            devices.push_back(ggml_backend_reg_dev_get(reg, i));
    }
    return devices;
}

std::string Workers::loss() const {
    for (const Connection & connection : connections_)
        if (const char * reason = ggml_backend_rpc_connection_failure(connection.handle.get()))
            return "The worker " + connection.endpoint + " was lost: " + reason;
    return {};
}

WaitForWorkers::WaitForWorkers(std::function<bool()> should_wait) {
    waiting = {std::move(should_wait), false, {}, {}};
    ggml_backend_rpc_set_abort_callback(is_given_up, nullptr);
}

WaitForWorkers::~WaitForWorkers() {
    ggml_backend_rpc_set_abort_callback(nullptr, nullptr);
    waiting = {};
}

#else

struct Workers::Connection {};

void require_rpc() {
    throw Error(ErrorCode::option_invalid,
                "This build of the addon has no RPC; build it without REPRISE_RPC=0, "
                "and with the patches of llama.cpp");
}

Workers::Workers(const std::vector<std::string> & endpoints) {
    if (!endpoints.empty()) require_rpc();
}

std::vector<ggml_backend_dev_t> Workers::devices() const {
    return {};
}

std::string Workers::loss() const {
    return {};
}

WaitForWorkers::WaitForWorkers(std::function<bool()>) {}

WaitForWorkers::~WaitForWorkers() = default;

#endif

Workers::~Workers() = default;

void Workers::require() const {
    const std::string lost = loss();
    if (!lost.empty())
        throw Error(ErrorCode::worker_unavailable,
                    lost + "; the model's weights there are gone: load it again with workers that run");
}

} // namespace reprise
