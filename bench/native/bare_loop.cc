// Decodes greedily with nothing but llama.cpp: what bench/bare-loop.ts holds the engine against.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <vector>

#include "ggml-cpu.h"
#include "llama.h"

namespace {

constexpr char usage[] = "usage: reprise-bare-loop MODEL TOKEN_FILE COUNT THREADS CONTEXT\n"
                         "Reads token ids separated by white space, decodes COUNT more, prints JSON.\n";

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

struct Free {
    void operator()(llama_model * model) const { llama_model_free(model); }
    void operator()(llama_context * context) const { llama_free(context); }
    void operator()(ggml_threadpool * pool) const { ggml_threadpool_free(pool); }
};

int fail(const char * what) {
    std::fprintf(stderr, "reprise-bare-loop: %s\n", what);
    return 1;
}

} // namespace

int main(int argc, char ** argv) {
    if (argc != 6) {
        std::fputs(usage, stderr);
        return 1;
    }
    const int count = std::atoi(argv[3]);
    const int threads = std::atoi(argv[4]);
    const int context_length = std::atoi(argv[5]);
    std::ifstream file(argv[2]);
    std::vector<llama_token> prompt;
    for (llama_token token; file >> token;) prompt.push_back(token);
    if (prompt.empty()) return fail("TOKEN_FILE holds no token ids");
    if (count < 1 || threads < 1 || context_length < static_cast<int>(prompt.size()) + count)
        return fail("COUNT and THREADS must be positive, and CONTEXT hold prompt and COUNT tokens");

    llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
    llama_backend_init();
    const std::unique_ptr<llama_model, Free> model(
        llama_model_load_from_file(argv[1], llama_model_default_params()));
    if (!model) return fail("MODEL could not be loaded");

    llama_context_params params = llama_context_default_params();
    params.n_ctx = context_length;
    params.n_threads = threads;
    params.n_threads_batch = threads;
    params.no_perf = true;
    ggml_threadpool_params pool_params = ggml_threadpool_params_default(threads);
    const std::unique_ptr<ggml_threadpool, Free> pool(ggml_threadpool_new(&pool_params));
    const std::unique_ptr<llama_context, Free> context(llama_init_from_model(model.get(), params));
    if (!pool || !context) return fail("the context could not be made");
    llama_attach_threadpool(context.get(), pool.get(), pool.get());

    const int batch = static_cast<int>(llama_n_batch(context.get()));
    const int prompt_length = static_cast<int>(prompt.size());
    const auto prefill_start = Clock::now();
    for (int at = 0; at < prompt_length; at += batch) {
        const int rows = std::min(batch, prompt_length - at);
        if (llama_decode(context.get(), llama_batch_get_one(prompt.data() + at, rows)))
            return fail("the prompt could not be computed");
    }
    llama_synchronize(context.get());
    const double prefill_ms = milliseconds_since(prefill_start);

    const int vocabulary_size = llama_vocab_n_tokens(llama_model_get_vocab(model.get()));
    const auto best_token = [&] {
        const float * logits = llama_get_logits_ith(context.get(), -1);
        return static_cast<llama_token>(std::max_element(logits, logits + vocabulary_size) - logits);
    };
    std::vector<llama_token> said = {best_token()};
    double decode_ms = 0;
    const auto loop_start = Clock::now();
    while (static_cast<int>(said.size()) < count) {
        llama_token last = said.back();
        const auto decode_start = Clock::now();
        if (llama_decode(context.get(), llama_batch_get_one(&last, 1))) return fail("llama_decode failed");
        llama_synchronize(context.get());
        decode_ms += milliseconds_since(decode_start);
        said.push_back(best_token());
    }
    const double loop_ms = milliseconds_since(loop_start);
    llama_detach_threadpool(context.get());

    std::printf("{\"prefillMs\":%.3f,\"loopMs\":%.3f,\"decodeMs\":%.3f,\"tokens\":[", prefill_ms, loop_ms,
                decode_ms);
    for (size_t i = 0; i < said.size(); ++i) std::printf(i ? ",%d" : "%d", said[i]);
    std::printf("]}\n");
}
