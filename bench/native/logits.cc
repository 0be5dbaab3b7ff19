// Writes logits for bench/logits.ts, and models in other types.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llama.h"

namespace {

constexpr char usage[] =
    "usage: reprise-logits quantise MODEL FILE_TYPE OUT\n"
    "       reprise-logits logits MODEL TOKEN_FILE ROWS CACHE OUT\n"
    "quantise writes the model in a llama_ftype (0: F32).\n"
    "logits computes the tokens in passes of ROWS and writes the logits of all, as floats of 32 bits.\n"
    "CACHE is f16 (with flash attention) or f32 (without).\n";

struct Free {
    void operator()(llama_model * model) const { llama_model_free(model); }
    void operator()(llama_context * context) const { llama_free(context); }
};

[[noreturn]] void fail(const std::string & what) {
    std::fprintf(stderr, "reprise-logits: %s\n", what.c_str());
    std::exit(1);
}

void quantise(const char * path, int file_type, const char * out) {
    llama_model_quantize_params params = llama_model_quantize_default_params();
    params.ftype = static_cast<llama_ftype>(file_type);
    params.nthread = 1;
    params.allow_requantize = true;
    if (llama_model_quantize(path, out, &params) != 0) fail(std::string(path) + " could not be quantised");
}

void write_logits(const char * path, const char * token_path, int rows, std::string_view cache,
                  const char * out_path) {
    std::ifstream file(token_path);
    std::vector<llama_token> tokens;
    for (llama_token token; file >> token;) tokens.push_back(token);
    if (tokens.empty()) fail("TOKEN_FILE holds no token ids");
    if (rows < 1) fail("ROWS must be positive");
    if (cache != "f16" && cache != "f32") fail("CACHE is f16 or f32");

    const std::unique_ptr<llama_model, Free> model(
        llama_model_load_from_file(path, llama_model_default_params()));
    if (!model) fail(std::string(path) + " could not be loaded");
    llama_context_params params = llama_context_default_params();
    params.n_ctx = static_cast<uint32_t>(tokens.size());
    params.n_threads = 1;
    params.n_threads_batch = 1;
    params.no_perf = true;
    if (cache == "f32") {
        params.type_k = GGML_TYPE_F32;
        params.type_v = GGML_TYPE_F32;
    }
    params.flash_attn_type = cache == "f32" ? LLAMA_FLASH_ATTN_TYPE_DISABLED : LLAMA_FLASH_ATTN_TYPE_ENABLED;
    const std::unique_ptr<llama_context, Free> context(llama_init_from_model(model.get(), params));
    if (!context) fail("the context could not be made");

    const auto width = static_cast<std::streamsize>(llama_vocab_n_tokens(llama_model_get_vocab(model.get())));
    const int count = static_cast<int>(tokens.size());
    std::ofstream out(out_path, std::ios::binary);
    llama_batch batch = llama_batch_init(rows, 0, 1);
    for (int at = 0; at < count; at += rows) {
        batch.n_tokens = std::min(rows, count - at);
        for (int i = 0; i < batch.n_tokens; ++i) {
            batch.token[i] = tokens[static_cast<size_t>(at + i)];
            batch.pos[i] = at + i;
            batch.n_seq_id[i] = 1;
            batch.seq_id[i][0] = 0;
            batch.logits[i] = true;
        }
        if (llama_decode(context.get(), batch) != 0) fail("a pass failed");
        out.write(reinterpret_cast<const char *>(llama_get_logits(context.get())),
                  batch.n_tokens * width * static_cast<std::streamsize>(sizeof(float)));
    }
    llama_batch_free(batch);
    if (!out.flush()) fail(std::string(out_path) + " could not be written");
}

} // namespace

int main(int argc, char ** argv) {
    const std::string_view command = argc > 1 ? argv[1] : "";
    llama_log_set(
        [](ggml_log_level level, const char * text, void *) {
            if (level == GGML_LOG_LEVEL_ERROR) std::fputs(text, stderr);
        },
        nullptr);
    llama_backend_init();
    if (command == "quantise" && argc == 5) {
        quantise(argv[2], std::atoi(argv[3]), argv[4]);
    } else if (command == "logits" && argc == 7) {
        write_logits(argv[2], argv[3], std::atoi(argv[4]), argv[5], argv[6]);
    } else {
        std::fputs(usage, stderr);
        return 1;
    }
}
