// What scripts/patches/arm-rows-in-fours.patch does, on the processors that it is for.
#if defined(__ARM_NEON)

#include <cstring>
#include <string>
#include <vector>

#include "ggml-backend.h"
#include "ggml-cpp.h"
#include "ggml-cpu.h"
#include <doctest/doctest.h>

#include "packed_weights.h"

namespace {

constexpr int64_t inputs = 512;
constexpr int64_t outputs = 328; // strips of columns, and some more

/// The buffer type in which the CPU backend packs weights anew for llama.cpp's own kernels.
ggml_backend_buffer_type_t repacking_buffer_type() {
    for (ggml_backend_buffer_type_t type : packing_buffer_types())
        if (std::string(ggml_backend_buft_name(type)) == "CPU_REPACK") return type;
    return nullptr;
}

/// A matrix with random weights, packed, and its products.
class Matrix {
public:
    Matrix(ggml_type type, ggml_backend_buffer_type_t buffer_type)
        : context_(ggml_init({ggml_tensor_overhead() * 8, nullptr, true})),
          weights_(ggml_new_tensor_2d(context_.get(), type, inputs, outputs)) {
        ggml_tensor * const product = ggml_mul_mat(
            context_.get(), weights_, ggml_new_tensor_2d(context_.get(), GGML_TYPE_F32, inputs, 4));
        const ggml_backend_buffer_ptr nothing(ggml_backend_buft_alloc_buffer(buffer_type, 0));
        weights_->buffer = nothing.get();
        const bool taken =
            ggml_backend_dev_supports_op(ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU), product);
        weights_->buffer = nullptr;
        if (!taken) return;
        buffer_.reset(ggml_backend_buft_alloc_buffer(
            buffer_type, ggml_backend_buft_get_alloc_size(buffer_type, weights_)));
        REQUIRE(
            ggml_backend_tensor_alloc(buffer_.get(), weights_, ggml_backend_buffer_get_base(buffer_.get())) ==
            GGML_STATUS_SUCCESS);
        const std::vector<float> values = random_values(inputs * outputs, 1);
        const std::vector<float> importance(inputs, 1.0f);
        std::vector<char> packed(ggml_nbytes(weights_));
        ggml_quantize_chunk(type, values.data(), packed.data(), 0, outputs, inputs, importance.data());
        ggml_backend_tensor_set(weights_, packed.data(), 0, packed.size());
    }

    /// Whether llama.cpp would pack weights of this type.
    explicit operator bool() const { return static_cast<bool>(buffer_); }

    /// Outputs of `planes` times `rows` rows.
    std::vector<float> multiply(const std::vector<float> & input, int64_t rows, int64_t planes,
                                int threads) const {
        const ggml_context_ptr context(
            ggml_init({ggml_tensor_overhead() * 8 + ggml_graph_overhead(), nullptr, true}));
        ggml_tensor * const columns = ggml_new_tensor_3d(context.get(), GGML_TYPE_F32, inputs, rows, planes);
        ggml_tensor * const product = ggml_mul_mat(context.get(), weights_, columns);
        const ggml_backend_buffer_ptr buffer(
            ggml_backend_alloc_ctx_tensors_from_buft(context.get(), ggml_backend_cpu_buffer_type()));
        ggml_backend_tensor_set(columns, input.data(), 0, ggml_nbytes(columns));
        return computed(context.get(), product, threads);
    }

private:
    ggml_context_ptr context_;
    ggml_tensor * weights_;
    ggml_backend_buffer_ptr buffer_;
};

/// The rows of each plane with zeros after them, up to a multiple of 4.
std::vector<float> padded(const std::vector<float> & input, int64_t rows, int64_t planes) {
    const int64_t whole = (rows + 3) / 4 * 4;
    std::vector<float> more(static_cast<size_t>(inputs * whole * planes));
    for (int64_t plane = 0; plane < planes; ++plane)
        std::memcpy(&more[static_cast<size_t>(inputs * whole * plane)],
                    &input[static_cast<size_t>(inputs * rows * plane)],
                    static_cast<size_t>(inputs * rows) * sizeof(float));
    return more;
}

} // namespace

TEST_CASE("three rows beyond a multiple of four are computed as four") {
    ggml_backend_buffer_type_t const buffer_type = repacking_buffer_type();
    if (!buffer_type) return;
    int types = 0;
    for (int i = 0; i < GGML_TYPE_COUNT; ++i) {
        const auto type = static_cast<ggml_type>(i);
        if (!ggml_get_type_traits(type)->to_float) continue;
        const std::string type_name = ggml_type_name(type);
        CAPTURE(type_name);
        const Matrix matrix(type, buffer_type);
        if (!matrix) continue;
        ++types;
        for (const int64_t rows : {3, 7, 11})
            for (const int64_t planes : {1, 3})
                for (const int threads : {1, 3}) {
                    CAPTURE(rows);
                    CAPTURE(planes);
                    CAPTURE(threads);
                    const std::vector<float> input = random_values(inputs * rows * planes, 2);
                    const std::vector<float> result = matrix.multiply(input, rows, planes, threads);
                    const int64_t whole = (rows + 3) / 4 * 4;
                    const std::vector<float> wanted =
                        matrix.multiply(padded(input, rows, planes), whole, planes, threads);
                    int differing = 0;
                    for (int64_t plane = 0; plane < planes; ++plane)
                        for (int64_t j = 0; j < outputs * rows; ++j)
                            differing += result[static_cast<size_t>(outputs * rows * plane + j)] !=
                                         wanted[static_cast<size_t>(outputs * whole * plane + j)];
                    CHECK(differing == 0);
                }
    }
    CHECK(types > 0);
}

#endif
