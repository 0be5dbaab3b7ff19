#include "engine/workers.h"

#ifdef GGML_USE_RPC

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "llama.h"
#include <doctest/doctest.h>

#include "engine/devices.h"
#include "engine/model.h"
#include "engine/worker_server.h"
#include "support.h"

using namespace reprise;

namespace {

/// A worker in this process, on a thread of its own.
class Worker {
public:
    explicit Worker(std::vector<std::string> devices = {})
        : server_({"127.0.0.1:0", std::move(devices), 1, ""}),
          thread_([this] { server_.serve([](auto &&...) {}); }) {}
    ~Worker() { stop(); }

    std::string endpoint() const { return server_.endpoint(); }
    void stop() {
        server_.stop();
        if (thread_.joinable()) thread_.join();
    }

private:
    WorkerServer server_;
    std::thread thread_;
};

std::shared_ptr<Model> model_on(const Worker & worker) {
    ModelOptions options;
    options.devices.gpu_layers = DeviceOptions::all_layers;
    options.devices.rpc = {worker.endpoint()};
    return Model::load(REPRISE_TEST_MODEL, options, {});
}

Context context_of(const std::shared_ptr<Model> & model) {
    ContextOptions options;
    options.context_length = 64;
    options.batch_size = options.micro_batch_size = 16;
    options.threads = 1;
    return Context(model, options, [] { return false; });
}

DecodeStatus decode_one(Context & context, int position, llama_token token = 1) {
    Batch batch;
    const llama_seq_id sequence = 0;
    batch.add(token, position, std::span(&sequence, 1), true);
    const DecodeStatus status = context.decode(batch);
    context.synchronize();
    return status;
}

void check_lost(const std::function<void()> & call, const std::string & endpoint) {
    try {
        call();
        FAIL("Nothing was thrown");
    } catch (const Error & error) {
        CHECK(error.code() == ErrorCode::worker_unavailable);
        CHECK(std::string(error.what()).find(endpoint) != std::string::npos);
    }
}

} // namespace

TEST_CASE("a worker that ends is lost for its model, whose context is given up and can be freed") {
    Worker worker;
    const auto model = model_on(worker);
    CHECK(model->workers().devices().size() == 1);
    Context context = context_of(model);
    CHECK(decode_one(context, 0) == DecodeStatus::done);
    worker.stop();
    check_lost([&] { decode_one(context, 1); }, worker.endpoint());
    check_lost([&] { context.require_usable(); }, worker.endpoint());
    check_lost([&] { context_of(model); }, worker.endpoint());
}

TEST_CASE("contexts that share a worker are not given each other's graphs, nor lose theirs with another") {
    Worker worker;
    const auto model = model_on(worker);
    Context context = context_of(model);
    {
        Context other = context_of(model);
        std::vector<float> alone;
        for (int at = 0; at < 4; ++at) decode_one(context, at);
        alone.assign(context.logits().whole(0), context.logits().whole(0) + model->vocabulary_size());
        for (int at = 0; at < 4; ++at) decode_one(other, at);
        const std::vector<float> same(other.logits().whole(0),
                                      other.logits().whole(0) + model->vocabulary_size());
        CHECK(alone == same);
    }
    CHECK(decode_one(context, 4) == DecodeStatus::done);
}

TEST_CASE("a worker's processor gives the logits that weights as ggml stores them give here, bit for bit") {
    Worker worker({"CPU"});
    const auto remote = model_on(worker);
    Context there = context_of(remote);

    // Without extra buffer types, whose kernels round otherwise, weights lie here as they do there.
    llama_model_params params = llama_model_default_params();
    params.use_extra_bufts = false;
    ggml_backend_dev_t no_devices[] = {nullptr};
    params.devices = no_devices;
    const std::unique_ptr<llama_model, decltype(&llama_model_free)> model(
        llama_model_load_from_file(REPRISE_TEST_MODEL, params), llama_model_free);
    REQUIRE(model);
    llama_context_params context_params = llama_context_default_params();
    context_params.n_ctx = 64;
    context_params.n_threads = context_params.n_threads_batch = 1;
    const std::unique_ptr<llama_context, decltype(&llama_free)> here(
        llama_init_from_model(model.get(), context_params), llama_free);
    REQUIRE(here);

    for (int at = 0; at < 32; ++at) {
        llama_token token = 100 + 37 * at;
        REQUIRE(decode_one(there, at, token) == DecodeStatus::done);
        REQUIRE(llama_decode(here.get(), llama_batch_get_one(&token, 1)) == 0);
        const float * const expected = llama_get_logits_ith(here.get(), -1);
        CHECK(std::equal(expected, expected + remote->vocabulary_size(), there.logits().whole(0)));
    }
}

TEST_CASE("connections to one worker are one, and it is closed with the last") {
    Worker worker;
    {
        const Workers first({worker.endpoint()});
        const Workers second({worker.endpoint()});
        CHECK(first.devices() == second.devices());
    }
    // The worker takes another client only after that.
    const Workers third({worker.endpoint()});
    CHECK(third.loss().empty());
}

TEST_CASE("a worker that cannot be reached is an error") {
    init_backends_once();
    check_lost([] { Workers({"127.0.0.1:1"}); }, "127.0.0.1:1");
}

#endif
