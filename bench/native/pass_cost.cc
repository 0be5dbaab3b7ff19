// Times passes with nothing but llama.cpp: bench/pass-cost.ts runs two builds of it in turn.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ggml-cpu.h"
#include "llama.h"

namespace {

constexpr char usage[] =
    "usage: reprise-pass-cost MODEL CONTEXT THREADS FLASH_ATTENTION STATES\n"
    "FLASH_ATTENTION is on, off or auto. Reads commands, a line each, and answers each with a line of JSON:\n"
    "  depth N    fills the cache with N random tokens; STATES is a folder that keeps filled caches\n"
    "  pass N     computes N more with the logits of each, and takes them back\n"
    "  prompt N   computes N tokens in an empty cache, with the logits of the last\n"
    "  ops N      computes N more as pass does, op by op\n";

/// Passes of one size are repeated for this long, so that a small model's are no matter of the clock.
constexpr double shortest_ms = 30;
constexpr int max_passes = 64;

struct Free {
    void operator()(llama_model * model) const { llama_model_free(model); }
    void operator()(llama_context * context) const { llama_free(context); }
    void operator()(ggml_threadpool * pool) const { ggml_threadpool_free(pool); }
};

[[noreturn]] void fail(const std::string & what) {
    std::fprintf(stderr, "reprise-pass-cost: %s\n", what.c_str());
    std::exit(1);
}

/// What a stretch of work took: on the clock, and of all processors.
struct Times {
    double wall_ms = 0;
    double cpu_ms = 0;

    Times & operator+=(const Times & other) {
        wall_ms += other.wall_ms;
        cpu_ms += other.cpu_ms;
        return *this;
    }
};

class Watch {
public:
    Times elapsed() const {
        using Milliseconds = std::chrono::duration<double, std::milli>;
        return {Milliseconds(std::chrono::steady_clock::now() - wall_).count(),
                1000.0 * static_cast<double>(std::clock() - cpu_) / CLOCKS_PER_SEC};
    }

private:
    std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
    std::clock_t cpu_ = std::clock();
};

/// Milliseconds by kind of operation, where each is computed alone.
class OpTimes {
public:
    void clear() { by_kind_.clear(); }

    /// For llama_context_params::cb_eval; while not listening, the graph is computed as a whole.
    static bool on_node(ggml_tensor * node, bool asks, void * self) {
        auto & times = *static_cast<OpTimes *>(self);
        if (!times.listening) return false;
        if (asks) {
            times.watch_ = Watch();
        } else {
            Entry & entry = times.by_kind_[kind(node)];
            entry.times += times.watch_.elapsed();
            ++entry.calls;
        }
        return true;
    }

    void print() const {
        std::printf("{\"ops\":[");
        const char * separator = "";
        for (const auto & [kind, entry] : by_kind_) {
            std::printf("%s{\"op\":\"%s\",\"wallMs\":%.4f,\"cpuMs\":%.4f,\"calls\":%d}", separator,
                        kind.c_str(), entry.times.wall_ms, entry.times.cpu_ms, entry.calls);
            separator = ",";
        }
        std::printf("]}\n");
    }

    bool listening = false;

private:
    struct Entry {
        Times times;
        int calls = 0;
    };

    static std::string kind(const ggml_tensor * node) {
        std::string kind = ggml_op_desc(node);
        const bool multiplies = node->op == GGML_OP_MUL_MAT || node->op == GGML_OP_MUL_MAT_ID;
        if (!multiplies || !node->src[0]) return kind;
        kind += std::string(" ") + ggml_type_name(node->src[0]->type);
        const std::string_view weights = node->src[0]->name;
        if (weights == "output.weight" || weights == "token_embd.weight") kind += " (output head)";
        return kind;
    }

    Watch watch_;
    std::map<std::string, Entry> by_kind_;
};

class Bench {
public:
    Bench(const char * path, int context_length, int threads, llama_flash_attn_type flash_attention,
          std::filesystem::path states)
        : states_(std::move(states)), context_length_(context_length) {
        model_.reset(llama_model_load_from_file(path, llama_model_default_params()));
        if (!model_) fail(std::string(path) + " could not be loaded");
        vocabulary_size_ = llama_vocab_n_tokens(llama_model_get_vocab(model_.get()));

        llama_context_params params = llama_context_default_params();
        params.n_ctx = static_cast<uint32_t>(context_length);
        params.n_threads = threads;
        params.n_threads_batch = threads;
        params.flash_attn_type = flash_attention;
        params.no_perf = true;
        params.cb_eval = OpTimes::on_node;
        params.cb_eval_user_data = &ops_;
        ggml_threadpool_params pool_params = ggml_threadpool_params_default(threads);
        pool_.reset(ggml_threadpool_new(&pool_params));
        context_.reset(llama_init_from_model(model_.get(), params));
        if (!pool_ || !context_) fail("the context could not be made");
        llama_attach_threadpool(context_.get(), pool_.get(), pool_.get());
        // Threads that look out for work would take it from the other program's.
        ggml_threadpool_pause(pool_.get());
    }

    ~Bench() { llama_detach_threadpool(context_.get()); }

    void fill(int depth) {
        if (!load(depth)) {
            if (depth < depth_) depth_ = 0;
            compute(depth - depth_, false);
            save(depth);
        }
        depth_ = depth;
        std::printf("{\"depth\":%d}\n", depth);
    }

    void time_passes(int rows) {
        compute(rows, true); // the graph of this size is made
        Times sum;
        int passes = 0;
        do sum += compute(rows, true);
        while (++passes < max_passes && sum.wall_ms < shortest_ms);
        print(sum, passes);
    }

    void time_prompt(int tokens) {
        depth_ = 0;
        print(compute(tokens, false), 1);
    }

    void time_ops(int rows) {
        ops_.clear();
        ops_.listening = true;
        compute(rows, true);
        ops_.listening = false;
        ops_.print();
    }

private:
    std::string state(int depth) const { return (states_ / std::to_string(depth)).string(); }

    /// What another program has filled: its own kernels would need the longer, the slower they are.
    bool load(int depth) {
        // Without a place for tokens llama.cpp would tell their number and load nothing.
        llama_token none = 0;
        size_t count = 0;
        if (!std::filesystem::exists(state(depth)) ||
            llama_state_seq_load_file(context_.get(), state(depth).c_str(), 0, &none, 1, &count) == 0)
            return false;
        if (llama_memory_seq_pos_max(llama_get_memory(context_.get()), 0) != depth - 1)
            fail("a kept cache does not end at its depth");
        return true;
    }

    void save(int depth) {
        // Whoever looks for it finds the whole or nothing.
        const std::string part = state(depth) + ".part";
        if (depth == 0) return;
        if (llama_state_seq_save_file(context_.get(), part.c_str(), 0, nullptr, 0) == 0)
            fail("a filled cache could not be kept");
        std::filesystem::rename(part, state(depth));
    }

    static void print(const Times & sum, int passes) {
        std::printf("{\"wallMs\":%.4f,\"cpuMs\":%.4f}\n", sum.wall_ms / passes, sum.cpu_ms / passes);
    }

    /// The token at a position: any but the same ones each time.
    llama_token token(int position) const {
        const uint64_t mixed = (static_cast<uint64_t>(position) + 1) * 0x9E3779B97F4A7C15ull;
        return static_cast<llama_token>((mixed >> 33) % static_cast<uint64_t>(vocabulary_size_));
    }

    /// Computes tokens after the first `depth_` ones, whatever stood there.
    Times compute(int count, bool all_logits) {
        if (depth_ + count > context_length_) fail("the context has no room for " + std::to_string(count));
        if (!llama_memory_seq_rm(llama_get_memory(context_.get()), 0, depth_, -1))
            fail("this model's cache takes no token back");
        const int most = static_cast<int>(llama_n_batch(context_.get()));
        ggml_threadpool_resume(pool_.get());
        Times sum;
        for (int done = 0; done < count;) {
            const int rows = std::min(most, count - done);
            llama_batch batch = llama_batch_init(rows, 0, 1);
            batch.n_tokens = rows;
            for (int i = 0; i < rows; ++i) {
                batch.token[i] = token(depth_ + done + i);
                batch.pos[i] = depth_ + done + i;
                batch.n_seq_id[i] = 1;
                batch.seq_id[i][0] = 0;
                batch.logits[i] = all_logits || done + i + 1 == count;
            }
            const Watch watch;
            const int status = llama_decode(context_.get(), batch);
            llama_synchronize(context_.get());
            sum += watch.elapsed();
            llama_batch_free(batch);
            if (status != 0) fail("a pass failed");
            done += rows;
        }
        ggml_threadpool_pause(pool_.get());
        return sum;
    }

    std::unique_ptr<llama_model, Free> model_;
    std::unique_ptr<ggml_threadpool, Free> pool_;
    std::unique_ptr<llama_context, Free> context_;
    OpTimes ops_;
    std::filesystem::path states_;
    int context_length_;
    int vocabulary_size_ = 0;
    int depth_ = 0;
};

llama_flash_attn_type flash_attention_type(std::string_view name) {
    if (name == "on") return LLAMA_FLASH_ATTN_TYPE_ENABLED;
    if (name == "off") return LLAMA_FLASH_ATTN_TYPE_DISABLED;
    if (name == "auto") return LLAMA_FLASH_ATTN_TYPE_AUTO;
    fail("FLASH_ATTENTION is on, off or auto");
}

} // namespace

int main(int argc, char ** argv) {
    if (argc != 6) {
        std::fputs(usage, stderr);
        return 1;
    }
    llama_log_set(
        [](ggml_log_level level, const char * text, void *) {
            if (level == GGML_LOG_LEVEL_ERROR) std::fputs(text, stderr);
        },
        nullptr);
    llama_backend_init();
    const int context_length = std::atoi(argv[2]);
    const int threads = std::atoi(argv[3]);
    if (context_length < 1 || threads < 1) fail("CONTEXT and THREADS must be positive");
    Bench bench(argv[1], context_length, threads, flash_attention_type(argv[4]), argv[5]);

    std::string command;
    for (int number; std::cin >> command >> number;) {
        if (number < (command == "depth" ? 0 : 1)) fail("a number is too small");
        if (command == "depth")
            bench.fill(number);
        else if (command == "pass")
            bench.time_passes(number);
        else if (command == "prompt")
            bench.time_prompt(number);
        else if (command == "ops")
            bench.time_ops(number);
        else
            fail("unknown command " + command);
        std::fflush(stdout);
    }
}
