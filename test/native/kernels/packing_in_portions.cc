#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "packed_weights.h"

namespace {

constexpr int64_t panel_rows = 16;

struct Shape {
    int64_t inputs, outputs, matrices;
};

/// Where each of the portions begins, and where the last one ends: bytes of whole panels, in a random
/// division.
std::vector<size_t> random_division(const ggml_tensor * weights, std::mt19937 & random) {
    const size_t panel = weights->nb[1] * panel_rows, whole = ggml_nbytes(weights);
    std::vector<size_t> bounds{0};
    while (bounds.back() < whole)
        bounds.push_back(std::min(whole, bounds.back() + panel * (1 + random() % 4)));
    return bounds;
}

} // namespace

TEST_CASE("weights that are packed in portions, in any order, lie as if they were packed at once") {
    std::mt19937 random(1);
    for (ggml_backend_buffer_type_t buffer_type : packing_buffer_types()) {
        if (std::string(ggml_backend_buft_name(buffer_type)) != "CPU_PANELS") continue;
        for (const ggml_type type : {GGML_TYPE_Q4_0, GGML_TYPE_Q8_0, GGML_TYPE_Q4_K, GGML_TYPE_Q6_K}) {
            // The last panel is partly filled; several matrices have whole panels each; one is of many pages.
            for (const Shape & shape : {Shape{256, 97, 1}, Shape{512, 48, 3}, Shape{1024, 4100, 1}}) {
                const ggml_context_ptr context(ggml_init({ggml_tensor_overhead() * 3, nullptr, true}));
                ggml_tensor * const at_once =
                    ggml_new_tensor_3d(context.get(), type, shape.inputs, shape.outputs, shape.matrices);
                ggml_tensor * const in_portions = ggml_dup_tensor(context.get(), at_once);
                const ggml_backend_buffer_ptr buffer(
                    ggml_backend_alloc_ctx_tensors_from_buft(context.get(), buffer_type));
                std::vector<char> weights(ggml_nbytes(at_once));
                std::generate(weights.begin(), weights.end(), [&] { return static_cast<char>(random()); });
                ggml_backend_tensor_set(at_once, weights.data(), 0, weights.size());

                const std::vector<size_t> bounds = random_division(in_portions, random);
                std::vector<size_t> order(bounds.size() - 1);
                for (size_t i = 0; i < order.size(); ++i) order[i] = i;
                std::shuffle(order.begin(), order.end(), random);
                for (const size_t i : order)
                    ggml_backend_tensor_set(in_portions, weights.data() + bounds[i], bounds[i],
                                            bounds[i + 1] - bounds[i]);

                INFO(ggml_type_name(type), " ", shape.inputs, " x ", shape.outputs, " x ", shape.matrices);
                CHECK(std::memcmp(at_once->data, in_portions->data,
                                  ggml_backend_buft_get_alloc_size(buffer_type, at_once)) == 0);
            }
        }
    }
}
