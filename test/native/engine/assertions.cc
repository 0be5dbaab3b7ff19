#include "engine/assertions.h"

#include <memory>
#include <numeric>

#include "ggml-cpu.h"
#include <doctest/doctest.h>

#include "engine/llama_log.h"
#include "engine/operations.h"
#include "support.h"

using namespace reprise;

namespace {

struct Free {
    void operator()(ggml_context * context) const { ggml_free(context); }
    void operator()(ggml_threadpool * pool) const { ggml_threadpool_free(pool); }
};

constexpr int rows = 64;
constexpr int row_width = 8;

/// Copies a row for each index. An index out of range fails an assertion in the thread that copies its row.
ggml_status copy_rows(ggml_threadpool * pool, int threads, const std::vector<int32_t> & indexes,
                      std::vector<float> * copied = nullptr) {
    const std::unique_ptr<ggml_context, Free> context(ggml_init({1 << 20, nullptr, false}));
    ggml_tensor * const table = ggml_new_tensor_2d(context.get(), GGML_TYPE_F32, row_width, rows);
    ggml_tensor * const index =
        ggml_new_tensor_1d(context.get(), GGML_TYPE_I32, static_cast<int64_t>(indexes.size()));
    std::iota(static_cast<float *>(table->data), static_cast<float *>(table->data) + rows * row_width, 0.0f);
    std::copy(indexes.begin(), indexes.end(), static_cast<int32_t *>(index->data));
    // Several steps, so that threads wait for one that does not come.
    ggml_tensor * const once = ggml_get_rows(context.get(), table, index);
    ggml_tensor * const result = ggml_scale(context.get(), ggml_scale(context.get(), once, 2), 0.5f);
    ggml_cgraph * const graph = ggml_new_graph(context.get());
    ggml_build_forward_expand(graph, result);
    ggml_cplan plan = ggml_graph_plan(graph, threads, pool);
    std::vector<uint8_t> work(plan.work_size);
    plan.work_data = work.data();
    const ggml_status status = ggml_graph_compute(graph, &plan);
    const auto * const data = static_cast<const float *>(result->data);
    if (copied) copied->assign(data, data + indexes.size() * row_width);
    return status;
}

/// More rows than the context takes at once, which llama_decode asserts.
void decode_too_much(Context & context) {
    Batch batch;
    const llama_seq_id sequence = context.acquire_sequence();
    for (int i = 0; i <= context.options().batch_size; ++i) batch.add(1, i, std::span(&sequence, 1), false);
    context.decode(batch);
}

/// Computes one more token of `sequence` and saves its cells on the device. Returns the rest of its state.
std::vector<uint8_t> save_longer(Context & context, llama_seq_id sequence, int position) {
    Batch batch;
    batch.add(1, position, std::span(&sequence, 1), false);
    context.decode(batch);
    constexpr llama_state_seq_flags flags = LLAMA_STATE_SEQ_FLAGS_ON_DEVICE;
    std::vector<uint8_t> state(llama_state_seq_get_size_ext(context.handle(), sequence, flags));
    state.resize(llama_state_seq_get_data_ext(context.handle(), state.data(), state.size(), sequence, flags));
    return state;
}

} // namespace

TEST_CASE("a failed assertion throws what it says, without the folders of the machine that compiled it") {
    test_model(); // makes them throw
    std::string message;
    try {
        ggml_abort("/somewhere/ggml/src/ggml.c", 12, "GGML_ASSERT(%s) failed", "a == b");
    } catch (const AssertionFailed & failed) {
        message = failed.what();
    }
    CHECK(message == "ggml.c:12: GGML_ASSERT(a == b) failed");
}

TEST_CASE("an assertion that fails in one thread of a pool fails the graph, and the pool goes on") {
    test_model();
    std::vector<int32_t> good(rows);
    std::iota(good.begin(), good.end(), 0);
    for (const int threads : {1, 2, 3, 5}) {
        ggml_threadpool_params params = ggml_threadpool_params_default(threads);
        const std::unique_ptr<ggml_threadpool, Free> pool(ggml_threadpool_new(&params));
        for (int bad = 0; bad < rows; ++bad) {
            std::vector<int32_t> indexes = good;
            indexes[bad] = rows;
            const LogCapture log;
            CHECK(copy_rows(pool.get(), threads, indexes) == GGML_STATUS_FAILED);
            CHECK(log.reason().find("GGML_ASSERT(i01 >= 0 && i01 < ne01) failed") != std::string::npos);
            std::vector<float> copied;
            CHECK(copy_rows(pool.get(), threads, good, &copied) == GGML_STATUS_SUCCESS);
            CHECK(copied.back() == rows * row_width - 1);
        }
    }
}

TEST_CASE("after an assertion that failed in llama_decode a session says why, and the others go on") {
    auto given_up = test_session();
    auto other = test_session();
    const GenerateOptions options = prompt_options("The cat sat on the mat.", DraftMode::automatic);
    const Said before = generate(*other, options);
    CHECK(before.error.empty());
    CHECK(generate(*given_up, options).error.empty());

    Family & family = *given_up->family();
    Later<std::string> failure;
    family.post(
        [&] { decode_too_much(family.context()); },
        [&](const Error & error) { failure.give(std::string(name_of(error.code())) + error.what()); });
    const std::string said = failure.wait();
    CHECK(said.find("DECODE_FAILED") == 0);
    CHECK(said.find("n_tokens_all <= cparams.n_batch") != std::string::npos);

    CHECK(generate(*given_up, options).error == "DECODE_FAILED");
    Later<std::string> fork;
    given_up->post(
        reprise::fork, [&](Member *) { fork.give("forked"); },
        [&](const Error & error) { fork.give(error.what()); });
    CHECK(fork.wait().find("given up") != std::string::npos);
    Later<std::string> save;
    given_up->post([](Family & family, Member & member) { reprise::save(family, member, "state"); },
                   [&] { save.give("saved"); }, [&](const Error & error) { save.give(error.what()); });
    CHECK(save.wait().find("given up") != std::string::npos);
    Later<size_t> history;
    given_up->post([](Family &, Member & member) { return member.sequence.history(); },
                   [&](std::vector<Token> tokens) { history.give(tokens.size()); },
                   [&](const Error &) { history.give(0); });
    CHECK(history.wait() > 0); // what needs no context is still to be had
    given_up.reset();

    check_same_or_near_tie(before, generate(*other, options));
}

TEST_CASE("an assertion that fails as a state's cells are copied leaves a state that is not read") {
    const auto session = test_session();
    Family & family = *session->family();
    Later<std::string> read;
    const auto report = [&](const Error & error) { read.give(error.what()); };
    family.post(
        [&] {
            Context & context = family.context();
            const llama_seq_id sequence = context.acquire_sequence();
            const std::vector<uint8_t> state = save_longer(context, sequence, 0);
            save_longer(context, sequence, 1); // in place of the cells that belong to `state`
            const LogCapture log;
            const size_t size = llama_state_seq_set_data_ext(context.handle(), state.data(), state.size(),
                                                             sequence, LLAMA_STATE_SEQ_FLAGS_ON_DEVICE);
            read.give((state.empty() || size > 0 ? "read: " : "not read: ") + log.reason());
        },
        report);
    const std::string said = read.wait();
    CHECK(said.find("not read") == 0);
    CHECK(said.find("memory buffer mismatch") != std::string::npos);
}
