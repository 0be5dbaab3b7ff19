#include "attention_run.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>

#include "ggml-cpu.h"
#include <doctest/doctest.h>

namespace attention_test {

namespace {

struct FreeContext {
    void operator()(ggml_context * context) const { ggml_free(context); }
};

} // namespace

Mask causal(const Shape & shape) {
    return [=](int, int row, int cell) { return cell <= shape.cells - shape.rows + row ? 0.0f : hidden; };
}

Data gaussian_data(const Shape & shape, unsigned seed) {
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal;
    const auto fill = [&](std::vector<float> & to, size_t count, float factor) {
        to.resize(count);
        for (float & x : to) x = normal(generator) * factor;
    };
    const auto round = [&](std::vector<float> & rows, int size) {
        if (shape.type == GGML_TYPE_F32) return;
        std::vector<char> bytes(ggml_row_size(shape.type, static_cast<int64_t>(rows.size())));
        ggml_quantize_chunk(shape.type, rows.data(), bytes.data(), 0, rows.size() / size, size, nullptr);
        ggml_get_type_traits(shape.type)
            ->to_float(bytes.data(), rows.data(), static_cast<int64_t>(rows.size()));
    };
    Data data;
    const size_t streams = shape.streams;
    fill(data.queries, streams * shape.rows * shape.heads * shape.size, 1.5f);
    fill(data.keys, streams * shape.cells * shape.kv_heads * shape.size, 1.0f);
    fill(data.values, streams * shape.cells * shape.kv_heads * shape.values(), 1.0f);
    fill(data.sinks, shape.heads, 2.0f);
    round(data.keys, shape.size);
    round(data.values, shape.values());
    return data;
}

std::vector<float> attend(const Shape & shape, const Data & data, const Mask & mask, int threads,
                          const std::vector<int> & positions) {
    const std::unique_ptr<ggml_context, FreeContext> context(ggml_init({size_t{128} << 20, nullptr, false}));
    ggml_context * const ctx = context.get();
    ggml_tensor * q =
        ggml_new_tensor_4d(ctx, GGML_TYPE_F32, shape.size, shape.heads, shape.rows, shape.streams);
    std::memcpy(q->data, data.queries.data(), ggml_nbytes(q));
    const auto cache = [&](const std::vector<float> & from, int size) {
        ggml_tensor * const to =
            ggml_new_tensor_4d(ctx, shape.type, size, shape.kv_heads, shape.cells, shape.streams);
        if (shape.type == GGML_TYPE_F32) {
            std::memcpy(to->data, from.data(), ggml_nbytes(to));
        } else {
            ggml_quantize_chunk(shape.type, from.data(), to->data, 0, from.size() / size, size, nullptr);
        }
        return ggml_permute(ctx, to, 0, 2, 1, 3);
    };
    ggml_tensor * const k = cache(data.keys, shape.size);
    ggml_tensor * const v = cache(data.values, shape.values());
    ggml_tensor * m = nullptr;
    if (mask) {
        m = ggml_new_tensor_4d(ctx, GGML_TYPE_F16, shape.cells, shape.rows, 1, shape.streams);
        auto * to = static_cast<ggml_fp16_t *>(m->data);
        for (int stream = 0; stream < shape.streams; stream++) {
            for (int row = 0; row < shape.rows; row++) {
                for (int cell = 0; cell < shape.cells; cell++)
                    *to++ = ggml_fp32_to_fp16(mask(stream, row, cell));
            }
        }
    }
    const float scale = 1.0f / std::sqrt(static_cast<float>(shape.size));
    q = ggml_permute(ctx, q, 0, 2, 1, 3);
    ggml_tensor * const out = ggml_flash_attn_ext(ctx, q, k, v, m, scale, shape.bias, shape.cap);
    if (shape.sinks) {
        ggml_tensor * const sinks = ggml_new_tensor_1d(ctx, GGML_TYPE_F32, shape.heads);
        std::memcpy(sinks->data, data.sinks.data(), ggml_nbytes(sinks));
        ggml_flash_attn_ext_add_sinks(out, sinks);
    }
    if (!positions.empty()) {
        out->src[5] = ggml_new_tensor_3d(ctx, GGML_TYPE_I32, shape.cells, 2, shape.streams);
        std::vector<int> order(shape.cells);
        std::iota(order.begin(), order.end(), 0);
        const auto position = [&](int cell) { return positions[cell] < 0 ? INT32_MAX : positions[cell]; };
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return position(a) < position(b); });
        auto * to = static_cast<int32_t *>(out->src[5]->data);
        for (int stream = 0; stream < shape.streams; stream++) {
            for (const int cell : order) *to++ = cell;
            for (const int cell : order) *to++ = position(cell);
        }
    }
    ggml_cgraph * const graph = ggml_new_graph(ctx);
    ggml_build_forward_expand(graph, out);
    REQUIRE(ggml_graph_compute_with_ctx(ctx, graph, threads) == GGML_STATUS_SUCCESS);
    const auto * const floats = static_cast<const float *>(out->data);
    return {floats, floats + ggml_nelements(out)};
}

std::vector<float> row_of(const Shape & shape, const std::vector<float> & out, int row) {
    const size_t size = size_t(shape.heads) * shape.values();
    return {out.begin() + row * size, out.begin() + (row + 1) * size};
}

bool is_nan_free(const std::vector<float> & row) {
    return std::none_of(row.begin(), row.end(), [](float x) { return std::isnan(x); });
}

std::vector<double> reference(const Shape & shape, const Data & data, const Mask & mask) {
    std::vector<double> out;
    const int values = shape.values();
    const int power = 1 << static_cast<int>(std::floor(std::log2(shape.heads)));
    for (int stream = 0; stream < shape.streams; stream++) {
        for (int row = 0; row < shape.rows; row++) {
            for (int head = 0; head < shape.heads; head++) {
                const int kv_head = head / (shape.heads / shape.kv_heads);
                const double slope = shape.bias == 0.0f ? 1.0
                                     : head < power
                                         ? std::pow(2.0, -shape.bias / power * (head + 1))
                                         : std::pow(2.0, -shape.bias / 2 / power * (2 * (head - power) + 1));
                const size_t at = ((size_t(stream) * shape.rows + row) * shape.heads + head) * shape.size;
                std::vector<double> weights(shape.cells);
                double largest = shape.sinks ? data.sinks[head] : -INFINITY;
                for (int cell = 0; cell < shape.cells; cell++) {
                    const size_t k =
                        ((size_t(stream) * shape.cells + cell) * shape.kv_heads + kv_head) * shape.size;
                    double score = 0;
                    for (int d = 0; d < shape.size; d++)
                        score += double(data.queries[at + d]) * data.keys[k + d];
                    score /= std::sqrt(double(shape.size));
                    if (shape.cap > 0) score = shape.cap * std::tanh(score / shape.cap);
                    if (mask) score += slope * mask(stream, row, cell);
                    weights[cell] = score;
                    largest = std::max(largest, score);
                }
                double sum = shape.sinks ? std::exp(data.sinks[head] - largest) : 0.0;
                std::vector<double> total(values);
                for (int cell = 0; cell < shape.cells; cell++) {
                    const double weight = std::exp(weights[cell] - largest);
                    const size_t v =
                        ((size_t(stream) * shape.cells + cell) * shape.kv_heads + kv_head) * values;
                    if (weight == 0) continue;
                    sum += weight;
                    for (int d = 0; d < values; d++) total[d] += weight * data.values[v + d];
                }
                for (const double x : total) out.push_back(x / sum);
            }
        }
    }
    return out;
}

} // namespace attention_test
