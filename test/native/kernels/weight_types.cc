#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "ggml-backend.h"
#include "ggml-cpp.h"
#include "ggml-cpu.h"
#include <doctest/doctest.h>

#include "packed_weights.h"

namespace {

/// A matrix of weights, or one for each expert.
struct Shape {
    int64_t inputs;
    int64_t outputs;
    int64_t experts = 1;
};

constexpr Shape usual{512, 96};
// The last panel of 16 outputs is partly filled in some; only floats take inputs that are no multiple of 32.
constexpr Shape shapes[] = {usual, {256, 33}, {160, 48}, {96, 5}, {80, 33}, {33, 129}, {1, 16}};

bool is_float(ggml_type type) {
    return type == GGML_TYPE_F32 || type == GGML_TYPE_F16 || type == GGML_TYPE_BF16;
}

/// Types that stand for numbers. Others are integers, or what inputs are rounded to.
std::vector<ggml_type> weight_types() {
    std::vector<ggml_type> types;
    for (int i = 0; i < GGML_TYPE_COUNT; ++i) {
        const auto type = static_cast<ggml_type>(i);
        if (type == GGML_TYPE_F32 || ggml_get_type_traits(type)->to_float) types.push_back(type);
    }
    return types;
}

/// The buffer types that llama.cpp loads weights into on a CPU: the usual one and those that pack weights
/// anew.
std::vector<ggml_backend_buffer_type_t> weight_buffer_types() {
    std::vector<ggml_backend_buffer_type_t> types = packing_buffer_types();
    types.insert(types.begin(), ggml_backend_cpu_buffer_type());
    return types;
}

bool is_panels(ggml_backend_buffer_type_t type) {
    return std::string(ggml_backend_buft_name(type)) == "CPU_PANELS";
}

/// The buffer type of panels, if the library has it.
std::vector<ggml_backend_buffer_type_t> panels() {
    std::vector<ggml_backend_buffer_type_t> types = packing_buffer_types();
    types.erase(std::remove_if(types.begin(), types.end(), std::not_fn(is_panels)), types.end());
    return types;
}

/// The product of weights and rows. With experts: of the expert that `ids` says for each row, where each
/// token has two.
ggml_tensor * product_of(ggml_context * context, ggml_tensor * weights, const Shape & shape, int64_t rows,
                         ggml_tensor ** input, ggml_tensor ** ids) {
    if (shape.experts == 1) {
        *input = ggml_new_tensor_2d(context, GGML_TYPE_F32, shape.inputs, rows);
        return ggml_mul_mat(context, weights, *input);
    }
    *input = ggml_new_tensor_3d(context, GGML_TYPE_F32, shape.inputs, 1, rows);
    *ids = ggml_new_tensor_2d(context, GGML_TYPE_I32, 2, rows);
    return ggml_mul_mat_id(context, weights, *input, *ids);
}

/// Whether the CPU has a way to multiply by weights of this type in this buffer, as llama.cpp asks while it
/// loads.
bool multiplies(ggml_type type, const Shape & shape, ggml_backend_buffer_type_t buffer_type) {
    if (shape.inputs % ggml_blck_size(type) != 0) return false;
    const ggml_context_ptr context(ggml_init({ggml_tensor_overhead() * 8, nullptr, true}));
    ggml_tensor * const weights =
        ggml_new_tensor_3d(context.get(), type, shape.inputs, shape.outputs, shape.experts);
    ggml_tensor *input = nullptr, *ids = nullptr;
    ggml_tensor * const product = product_of(context.get(), weights, shape, 512, &input, &ids);
    const ggml_backend_buffer_ptr nothing(ggml_backend_buft_alloc_buffer(buffer_type, 0));
    weights->buffer = nothing.get();
    return ggml_backend_dev_supports_op(ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU), product);
}

struct Weights {
    ggml_type type;
    Shape shape;
    std::vector<char> packed;
    std::vector<float> values; // what the packed ones stand for
};

/// `wanted`: the values, as near as the type comes to them.
Weights make_weights(ggml_type type, const Shape & shape, const std::vector<float> & wanted) {
    const int64_t rows = shape.outputs * shape.experts, count = shape.inputs * rows;
    Weights weights{type, shape,
                    std::vector<char>(ggml_row_size(type, shape.inputs) * static_cast<size_t>(rows)), wanted};
    const std::vector<float> importance(static_cast<size_t>(shape.inputs), 1.0f);
    ggml_quantize_chunk(type, wanted.data(), weights.packed.data(), 0, rows, shape.inputs, importance.data());
    if (type != GGML_TYPE_F32)
        ggml_get_type_traits(type)->to_float(weights.packed.data(), weights.values.data(), count);
    return weights;
}

Weights random_weights(ggml_type type, const Shape & shape) {
    return make_weights(type, shape, random_values(shape.inputs * shape.outputs * shape.experts, 1));
}

/// Weights where llama.cpp would have loaded them.
struct LoadedWeights {
    LoadedWeights(const Weights & weights, ggml_backend_buffer_type_t buffer_type)
        : shape(weights.shape), context(ggml_init({ggml_tensor_overhead() * 2, nullptr, true})),
          matrix(ggml_new_tensor_3d(context.get(), weights.type, shape.inputs, shape.outputs, shape.experts)),
          buffer(ggml_backend_alloc_ctx_tensors_from_buft(context.get(), buffer_type)) {
        ggml_backend_tensor_set(matrix, weights.packed.data(), 0, weights.packed.size());
    }
    Shape shape;
    ggml_context_ptr context;
    ggml_tensor * matrix;
    ggml_backend_buffer_ptr buffer;
};

/// The two experts of a row. Some get many rows of a pass, some none.
void experts_of(int64_t row, int64_t experts, int32_t * ids) {
    ids[0] = static_cast<int32_t>(row % 3 == 0 ? 0 : row % (experts - 1));
    ids[1] = static_cast<int32_t>((ids[0] + 1 + row % 2) % experts);
}

/// The products of `rows` rows of inputs, the first of which is row `first` of all. With experts two a row.
std::vector<float> multiply(const LoadedWeights & weights, const float * input, int64_t rows, int threads,
                            int64_t first = 0) {
    const Shape & shape = weights.shape;
    const ggml_context_ptr context(
        ggml_init({ggml_tensor_overhead() * 16 + ggml_graph_overhead(), nullptr, true}));
    ggml_tensor *columns = nullptr, *ids = nullptr;
    ggml_tensor * const product = product_of(context.get(), weights.matrix, shape, rows, &columns, &ids);
    const ggml_backend_buffer_ptr buffer(
        ggml_backend_alloc_ctx_tensors_from_buft(context.get(), ggml_backend_cpu_buffer_type()));
    ggml_backend_tensor_set(columns, input, 0, static_cast<size_t>(shape.inputs * rows) * sizeof(float));
    if (ids) {
        std::vector<int32_t> values(static_cast<size_t>(2 * rows));
        for (int64_t row = 0; row < rows; ++row)
            experts_of(first + row, shape.experts, &values[static_cast<size_t>(2 * row)]);
        ggml_backend_tensor_set(ids, values.data(), 0, values.size() * sizeof(int32_t));
    }
    return computed(context.get(), product, threads);
}

/// The products of weights of several matrices, each with `rows` rows of inputs in each of `planes` planes.
std::vector<float> multiply_matrices(const LoadedWeights & weights, const std::vector<float> & input,
                                     int64_t rows, int64_t planes, int threads) {
    const ggml_context_ptr context(
        ggml_init({ggml_tensor_overhead() * 16 + ggml_graph_overhead(), nullptr, true}));
    ggml_tensor * const columns = ggml_new_tensor_3d(context.get(), GGML_TYPE_F32, weights.shape.inputs, rows,
                                                     weights.shape.experts * planes);
    ggml_tensor * const product = ggml_mul_mat(context.get(), weights.matrix, columns);
    const ggml_backend_buffer_ptr buffer(
        ggml_backend_alloc_ctx_tensors_from_buft(context.get(), ggml_backend_cpu_buffer_type()));
    ggml_backend_tensor_set(columns, input.data(), 0, ggml_nbytes(columns));
    return computed(context.get(), product, threads);
}

/// The largest error beside the product of the two vectors' lengths, against sums in double precision.
double largest_error(const Weights & weights, const std::vector<float> & input,
                     const std::vector<float> & result, int64_t rows) {
    const auto [inputs, outputs, experts] = weights.shape;
    const int64_t slots = experts == 1 ? 1 : 2;
    double largest = 0;
    for (int64_t row = 0; row < rows; ++row) {
        int32_t ids[2] = {0, 0};
        if (experts > 1) experts_of(row, experts, ids);
        for (int64_t at = 0; at < slots * outputs; ++at) {
            const int64_t output = ids[at / outputs] * outputs + at % outputs;
            const float * const w = &weights.values[static_cast<size_t>(output * inputs)];
            const float * const x = &input[static_cast<size_t>(row * inputs)];
            double sum = 0, w_squares = 0, x_squares = 0;
            for (int64_t i = 0; i < inputs; ++i) {
                sum += double{w[i]} * x[i];
                w_squares += double{w[i]} * w[i];
                x_squares += double{x[i]} * x[i];
            }
            const double error = std::abs(sum - result[static_cast<size_t>(row * slots * outputs + at)]);
            // NaN must not pass as small.
            if (!(error <= 1e30)) return 1e30;
            largest = std::max(largest, error / std::sqrt(w_squares * x_squares));
        }
    }
    return largest;
}

/// Inputs are rounded to 8 bits for quantised weights, which gives 0.0016 at most for 512 inputs, and more
/// for few. ggml's own code rounds them to the type of the weights for F16 and BF16. Floats in panels are
/// exact.
double allowed_error(ggml_type type, const Shape & shape, ggml_backend_buffer_type_t buffer_type) {
    if (type == GGML_TYPE_F32 || (is_float(type) && is_panels(buffer_type))) return 1e-5;
    return 0.003 * std::sqrt(static_cast<double>(usual.inputs) / static_cast<double>(shape.inputs));
}

void check_products(ggml_type type, const Shape & shape,
                    const std::vector<ggml_backend_buffer_type_t> & buffer_types,
                    std::initializer_list<int64_t> row_counts) {
    const std::string type_name = ggml_type_name(type);
    CAPTURE(type_name);
    CAPTURE(shape.inputs);
    CAPTURE(shape.outputs);
    CAPTURE(shape.experts);
    for (ggml_backend_buffer_type_t buffer_type : buffer_types) {
        const std::string buffer_name = ggml_backend_buft_name(buffer_type);
        CAPTURE(buffer_name);
        if (!multiplies(type, shape, buffer_type)) continue;
        const Weights weights = random_weights(type, shape);
        const LoadedWeights loaded(weights, buffer_type);
        for (const int64_t rows : row_counts) {
            CAPTURE(rows);
            const std::vector<float> input = random_values(shape.inputs * rows, 2);
            for (const int threads : {1, 2}) {
                const std::vector<float> result = multiply(loaded, input.data(), rows, threads);
                CHECK(largest_error(weights, input, result, rows) < allowed_error(type, shape, buffer_type));
            }
        }
    }
}

} // namespace

TEST_CASE(
    "weights of every type and packing give the products that they stand for, in passes of every size") {
    for (const ggml_type type : weight_types())
        check_products(type, usual, weight_buffer_types(), {1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33, 64, 65});
}

TEST_CASE("weights in panels give the products that they stand for in matrices of every shape") {
    for (const ggml_type type : weight_types())
        for (const Shape & shape : shapes) check_products(type, shape, panels(), {1, 2, 6, 13, 97});
}

TEST_CASE("weights in panels give the products that they stand for in mixtures of experts") {
    for (const ggml_type type : weight_types())
        for (const Shape & shape : {Shape{256, 48, 5}, Shape{80, 33, 5}})
            check_products(type, shape, panels(), {1, 2, 9, 40});
}

TEST_CASE("weights in panels give a row the same product, bit for bit, whatever rows and threads there are") {
    constexpr int64_t max_rows = 65;
    for (ggml_backend_buffer_type_t buffer_type : panels()) {
        for (const ggml_type type : weight_types())
            for (const Shape & shape :
                 {Shape{256, 161}, Shape{80, 161}, Shape{256, 81, 5}, Shape{80, 81, 5}}) {
                if (!multiplies(type, shape, buffer_type)) continue;
                const std::string type_name = ggml_type_name(type);
                CAPTURE(type_name);
                CAPTURE(shape.inputs);
                CAPTURE(shape.experts);
                const LoadedWeights weights(random_weights(type, shape), buffer_type);
                const std::vector<float> input = random_values(shape.inputs * max_rows, 3);
                std::vector<float> alone;
                for (int64_t row = 0; row < max_rows; ++row) {
                    const std::vector<float> one =
                        multiply(weights, &input[static_cast<size_t>(row * shape.inputs)], 1, 1, row);
                    alone.insert(alone.end(), one.begin(), one.end());
                }
                for (int64_t rows = 1; rows <= max_rows; ++rows) {
                    const int threads = 1 + static_cast<int>(rows % 4);
                    CAPTURE(rows);
                    CAPTURE(threads);
                    const std::vector<float> together = multiply(weights, input.data(), rows, threads);
                    CHECK(std::memcmp(together.data(), alone.data(), together.size() * sizeof(float)) == 0);
                }
            }
    }
}

TEST_CASE("weights of several matrices in panels give each row the product that its matrix alone gives it") {
    constexpr int64_t planes = 2;
    for (ggml_backend_buffer_type_t buffer_type : panels())
        for (const ggml_type type : weight_types())
            for (const Shape & shape : {Shape{256, 33, 3}, Shape{80, 48, 3}}) {
                if (!multiplies(type, {shape.inputs, shape.outputs}, buffer_type)) continue;
                const std::string type_name = ggml_type_name(type);
                CAPTURE(type_name);
                const Weights all = random_weights(type, shape);
                const LoadedWeights loaded(all, buffer_type);
                for (const int64_t rows : {1, 2, 5, 50}) {
                    CAPTURE(rows);
                    const std::vector<float> input =
                        random_values(shape.inputs * rows * planes * shape.experts, 4);
                    std::vector<float> expected;
                    for (int64_t matrix = 0; matrix < shape.experts; ++matrix) {
                        Weights one{type, {shape.inputs, shape.outputs}, {}, {}};
                        const auto bytes = static_cast<int64_t>(all.packed.size()) / shape.experts;
                        one.packed.assign(all.packed.begin() + matrix * bytes,
                                          all.packed.begin() + (matrix + 1) * bytes);
                        const std::vector<float> products =
                            multiply(LoadedWeights(one, buffer_type),
                                     &input[static_cast<size_t>(matrix * planes * rows * shape.inputs)],
                                     planes * rows, 1);
                        expected.insert(expected.end(), products.begin(), products.end());
                    }
                    for (const int threads : {1, 3})
                        CHECK(multiply_matrices(loaded, input, rows, planes, threads) == expected);
                }
            }
}

TEST_CASE("floats in panels lose nothing in long sums of one sign") {
    const Shape shape{28672, 16};
    for (ggml_backend_buffer_type_t buffer_type : panels())
        for (const ggml_type type : {GGML_TYPE_F32, GGML_TYPE_F16, GGML_TYPE_BF16}) {
            if (!multiplies(type, shape, buffer_type)) continue;
            const std::string type_name = ggml_type_name(type);
            CAPTURE(type_name);
            const auto count = static_cast<size_t>(shape.inputs);
            const Weights weights = make_weights(type, shape, std::vector<float>(16 * count, 0.1f));
            const LoadedWeights loaded(weights, buffer_type);
            for (const int64_t rows : {1, 3}) {
                const std::vector<float> input(count * static_cast<size_t>(rows), 0.1f);
                CHECK(largest_error(weights, input, multiply(loaded, input.data(), rows, 1), rows) < 1e-5);
            }
        }
}
