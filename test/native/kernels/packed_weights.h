#pragma once

// What tests of products with packed weights share. They need ggml alone.

#include <cstdint>
#include <random>
#include <vector>

#include "ggml-backend.h"
#include "ggml-cpp.h"
#include "ggml-cpu.h"
#include <doctest/doctest.h>

inline std::vector<float> random_values(int64_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> values(static_cast<size_t>(count));
    for (float & value : values) value = normal(random);
    return values;
}

/// The buffer types in which the CPU backend packs weights anew.
inline std::vector<ggml_backend_buffer_type_t> packing_buffer_types() {
    ggml_backend_dev_t const cpu = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
    const auto extra = reinterpret_cast<ggml_backend_dev_get_extra_bufts_t>(ggml_backend_reg_get_proc_address(
        ggml_backend_dev_backend_reg(cpu), "ggml_backend_dev_get_extra_bufts"));
    std::vector<ggml_backend_buffer_type_t> types;
    for (auto * type = extra ? extra(cpu) : nullptr; type && *type; ++type) types.push_back(*type);
    return types;
}

/// Computes `product`, whose inputs are there, on so many threads.
inline std::vector<float> computed(ggml_context * context, ggml_tensor * product, int threads) {
    ggml_cgraph * const graph = ggml_new_graph(context);
    ggml_build_forward_expand(graph, product);
    const ggml_backend_ptr backend(ggml_backend_cpu_init());
    ggml_backend_cpu_set_n_threads(backend.get(), threads);
    REQUIRE(ggml_backend_supports_op(backend.get(), product));
    REQUIRE(ggml_backend_graph_compute(backend.get(), graph) == GGML_STATUS_SUCCESS);
    std::vector<float> result(static_cast<size_t>(ggml_nelements(product)));
    ggml_backend_tensor_get(product, result.data(), 0, ggml_nbytes(product));
    return result;
}
