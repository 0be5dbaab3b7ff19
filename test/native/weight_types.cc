#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "ggml-backend.h"
#include "ggml-cpp.h"
#include "ggml-cpu.h"

namespace {

constexpr int64_t inputs = 512;
constexpr int64_t outputs = 96;

std::vector<float> random_values(int64_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> values(static_cast<size_t>(count));
    for (float & value : values) value = normal(random);
    return values;
}

/// The buffer types that llama.cpp loads weights into on a CPU: the usual one and those that pack weights
/// anew.
std::vector<ggml_backend_buffer_type_t> weight_buffer_types() {
    ggml_backend_dev_t const cpu = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
    std::vector<ggml_backend_buffer_type_t> types{ggml_backend_cpu_buffer_type()};
    const auto extra = reinterpret_cast<ggml_backend_dev_get_extra_bufts_t>(ggml_backend_reg_get_proc_address(
        ggml_backend_dev_backend_reg(cpu), "ggml_backend_dev_get_extra_bufts"));
    for (auto * type = extra ? extra(cpu) : nullptr; type && *type; ++type) types.push_back(*type);
    return types;
}

/// Whether the CPU has a way to multiply by weights of this type in this buffer, as llama.cpp asks while it
/// loads.
bool multiplies(ggml_type type, ggml_backend_buffer_type_t buffer_type) {
    const ggml_context_ptr context(ggml_init({ggml_tensor_overhead() * 8, nullptr, true}));
    ggml_tensor * const weights = ggml_new_tensor_2d(context.get(), type, inputs, outputs);
    ggml_tensor * const product =
        ggml_mul_mat(context.get(), weights, ggml_new_tensor_2d(context.get(), GGML_TYPE_F32, inputs, 512));
    const ggml_backend_buffer_ptr nothing(ggml_backend_buft_alloc_buffer(buffer_type, 0));
    weights->buffer = nothing.get();
    return ggml_backend_dev_supports_op(ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU), product);
}

struct Weights {
    ggml_type type;
    std::vector<char> packed;
    std::vector<float> values; // what the packed ones stand for
};

Weights random_weights(ggml_type type) {
    const std::vector<float> wanted = random_values(inputs * outputs, 1);
    Weights weights{type, std::vector<char>(ggml_row_size(type, inputs) * outputs), wanted};
    const std::vector<float> importance(inputs, 1.0f);
    ggml_quantize_chunk(type, wanted.data(), weights.packed.data(), 0, outputs, inputs, importance.data());
    if (type != GGML_TYPE_F32)
        ggml_get_type_traits(type)->to_float(weights.packed.data(), weights.values.data(), inputs * outputs);
    return weights;
}

std::vector<float> multiply(const Weights & weights, ggml_backend_buffer_type_t buffer_type,
                            const std::vector<float> & input, int64_t rows, int threads) {
    const ggml_context_ptr context(
        ggml_init({ggml_tensor_overhead() * 16 + ggml_graph_overhead(), nullptr, true}));
    const ggml_context_ptr weight_context(ggml_init({ggml_tensor_overhead() * 2, nullptr, true}));
    ggml_tensor * const matrix = ggml_new_tensor_2d(weight_context.get(), weights.type, inputs, outputs);
    const ggml_backend_buffer_ptr weight_buffer(
        ggml_backend_alloc_ctx_tensors_from_buft(weight_context.get(), buffer_type));
    ggml_backend_tensor_set(matrix, weights.packed.data(), 0, weights.packed.size());

    ggml_tensor * const columns = ggml_new_tensor_2d(context.get(), GGML_TYPE_F32, inputs, rows);
    ggml_tensor * const product = ggml_mul_mat(context.get(), matrix, columns);
    const ggml_backend_buffer_ptr buffer(
        ggml_backend_alloc_ctx_tensors_from_buft(context.get(), ggml_backend_cpu_buffer_type()));
    ggml_backend_tensor_set(columns, input.data(), 0, static_cast<size_t>(inputs * rows) * sizeof(float));
    ggml_cgraph * const graph = ggml_new_graph(context.get());
    ggml_build_forward_expand(graph, product);

    const ggml_backend_ptr backend(ggml_backend_cpu_init());
    ggml_backend_cpu_set_n_threads(backend.get(), threads);
    REQUIRE(ggml_backend_graph_compute(backend.get(), graph) == GGML_STATUS_SUCCESS);
    std::vector<float> result(static_cast<size_t>(outputs * rows));
    ggml_backend_tensor_get(product, result.data(), 0, result.size() * sizeof(float));
    return result;
}

/// The largest error beside the product of the two vectors' lengths, against sums in double precision.
double largest_error(const Weights & weights, const std::vector<float> & input,
                     const std::vector<float> & result, int64_t rows) {
    double largest = 0;
    for (int64_t row = 0; row < rows; ++row)
        for (int64_t output = 0; output < outputs; ++output) {
            const float * const w = &weights.values[static_cast<size_t>(output * inputs)];
            const float * const x = &input[static_cast<size_t>(row * inputs)];
            double sum = 0, w_squares = 0, x_squares = 0;
            for (int64_t i = 0; i < inputs; ++i) {
                sum += double{w[i]} * x[i];
                w_squares += double{w[i]} * w[i];
                x_squares += double{x[i]} * x[i];
            }
            const double error = std::abs(sum - result[static_cast<size_t>(row * outputs + output)]);
            // NaN must not pass as small.
            if (!(error <= 1e30)) return 1e30;
            largest = std::max(largest, error / std::sqrt(w_squares * x_squares));
        }
    return largest;
}

} // namespace

TEST_CASE(
    "weights of every type and packing give the products that they stand for, in passes of every size") {
    for (int i = 0; i < GGML_TYPE_COUNT; ++i) {
        const auto type = static_cast<ggml_type>(i);
        // Others are integers, or what inputs are rounded to.
        if (type != GGML_TYPE_F32 && !ggml_get_type_traits(type)->to_float) continue;
        const std::string type_name = ggml_type_name(type);
        CAPTURE(type_name);
        const Weights weights = random_weights(type);
        for (ggml_backend_buffer_type_t buffer_type : weight_buffer_types()) {
            const std::string buffer_name = ggml_backend_buft_name(buffer_type);
            CAPTURE(buffer_name);
            if (!multiplies(type, buffer_type)) continue;
            for (const int64_t rows : {1, 2, 3, 4, 7, 8, 9, 16, 17, 31, 32, 33, 64, 65}) {
                CAPTURE(rows);
                const std::vector<float> input = random_values(inputs * rows, 2);
                for (const int threads : {1, 2}) {
                    const std::vector<float> result = multiply(weights, buffer_type, input, rows, threads);
                    // Inputs are rounded to 8 bits for quantised weights, which gives 0.0016 at most here.
                    CHECK(largest_error(weights, input, result, rows) < 0.003);
                }
            }
        }
    }
}
