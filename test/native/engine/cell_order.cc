#include <memory>
#include <vector>

#include "llama.h"
#include <doctest/doctest.h>

#include "support.h"

namespace {

struct FreeLlama {
    void operator()(llama_model * model) const { llama_model_free(model); }
    void operator()(llama_context * context) const { llama_free(context); }
};

std::unique_ptr<llama_context, FreeLlama> new_context(llama_model * model) {
    llama_context_params params = llama_context_default_params();
    params.n_ctx = 512;
    params.n_seq_max = 2;
    params.kv_unified = true;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED;
    params.n_threads = params.n_threads_batch = 1;
    return std::unique_ptr<llama_context, FreeLlama>(llama_init_from_model(model, params));
}

/// Decodes `count` made-up tokens of a sequence and returns the last one's logits.
std::vector<float> decode(llama_context * context, int sequence, int first, int count) {
    llama_batch batch = llama_batch_init(count, 0, 1);
    for (int i = 0; i < count; i++) {
        batch.token[i] = 5 + (first + i) * 7 % 200 + sequence;
        batch.pos[i] = first + i;
        batch.n_seq_id[i] = 1;
        batch.seq_id[i][0] = sequence;
        batch.logits[i] = i + 1 == count;
    }
    batch.n_tokens = count;
    const int status = llama_decode(context, batch);
    llama_batch_free(batch);
    REQUIRE(status == 0);
    const float * const logits = llama_get_logits_ith(context, -1);
    return {logits, logits + llama_vocab_n_tokens(llama_model_get_vocab(llama_get_model(context)))};
}

} // namespace

// It fails where llama.cpp no longer tells attention the positions of cells (scripts/patches).
TEST_CASE("a sequence's logits do not depend on the cells of the cache that it was given") {
    const std::unique_ptr<llama_model, FreeLlama> model(
        llama_model_load_from_file(test_model_path, llama_model_default_params()));
    REQUIRE(model);
    const auto plain = new_context(model.get()), mixed = new_context(model.get());
    decode(plain.get(), 0, 0, 40);
    // The other sequence's cells come first, and are free again when the text goes on.
    decode(mixed.get(), 1, 0, 30);
    decode(mixed.get(), 0, 0, 40);
    llama_memory_seq_rm(llama_get_memory(mixed.get()), 1, 0, -1);
    for (int position = 40; position < 60; position++) {
        CHECK(decode(plain.get(), 0, position, 1) == decode(mixed.get(), 0, position, 1));
    }
}
