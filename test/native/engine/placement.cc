#include "engine/placement.h"

#include <filesystem>

#include <doctest/doctest.h>

#include "engine/context.h"
#include "support.h"

using namespace reprise;

TEST_CASE("placement: a token takes as many bytes of the cache as the context has for it") {
    // The heads of one model are wider than its rows shared among them.
    const auto folder = std::filesystem::path(test_model_path).parent_path();
    for (const char * name : {"tiny-edit-1m.gguf", "reprise-2m.gguf"})
        for (const ggml_type type : {GGML_TYPE_F16, GGML_TYPE_Q8_0}) {
            const auto model = Model::load((folder / name).string(), {}, {});
            ContextOptions options = test_context();
            options.context_length = 1024;
            options.key_type = options.value_type = type;
            const Context context(model, options, [] { return false; });
            uint64_t bytes = 0;
            for (const DeviceShare & share : placement_of(context.handle()).shares)
                bytes += share.cache_bytes;
            CHECK(cache_bytes_per_token(model->handle(), options) * options.context_length == bytes);
        }
}
