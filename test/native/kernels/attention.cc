// Attention of the CPU backend (cpp/kernels/attention.h) against double precision, and its exactness.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "ggml-cpu.h"
#include "ggml.h"
#include <doctest/doctest.h>

namespace {

struct Shape {
    int size = 64, heads = 8, kv_heads = 2, rows = 4, cells = 300;
    ggml_type type = GGML_TYPE_F16;
    float bias = 0.0f, cap = 0.0f;
    bool sinks = false;
    int value_size = 0; // as the keys'
    int streams = 1;

    int values() const { return value_size ? value_size : size; }
};

/// The mask's value for a row and a cell; -infinity hides the cell.
using Mask = std::function<float(int stream, int row, int cell)>;

constexpr float hidden = -std::numeric_limits<float>::infinity();

Mask causal(const Shape & shape) {
    return [=](int, int row, int cell) { return cell <= shape.cells - shape.rows + row ? 0.0f : hidden; };
}

/// Vectors of floats by name of what they are for.
struct Data {
    std::vector<float> queries; // [stream][row][head][size]
    std::vector<float> keys;    // [stream][cell][kv head][size]
    std::vector<float> values;  // [stream][cell][kv head][value size]
    std::vector<float> sinks;
};

/// Keys and values are what their type can hold.
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

struct FreeContext {
    void operator()(ggml_context * context) const { ggml_free(context); }
};

/// Output of GGML_OP_FLASH_ATTN_EXT, [stream][row][head][value size]. `positions` gives those of the cells,
/// if not 0, 1, 2, and so on; those below 0 are of empty cells.
std::vector<float> attend(const Shape & shape, const Data & data, const Mask & mask, int threads,
                          const std::vector<int> & positions = {}) {
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

double error(const Shape & shape, const Mask & mask, int threads) {
    const Data data = gaussian_data(shape, 1);
    const std::vector<float> got = attend(shape, data, mask, threads);
    const std::vector<double> expected = reference(shape, data, mask);
    REQUIRE(got.size() == expected.size());
    double wrong = 0, all = 0;
    for (size_t i = 0; i < got.size(); i++) {
        wrong += (got[i] - expected[i]) * (got[i] - expected[i]);
        all += expected[i] * expected[i];
    }
    return std::sqrt(wrong / all);
}

std::vector<float> row_of(const Shape & shape, const std::vector<float> & out, int row) {
    const size_t size = size_t(shape.heads) * shape.values();
    return {out.begin() + row * size, out.begin() + (row + 1) * size};
}

bool is_nan_free(const std::vector<float> & row) {
    return std::none_of(row.begin(), row.end(), [](float x) { return std::isnan(x); });
}

/// `row` of the shape, alone.
Data only_row(const Shape & shape, const Data & data, int row) {
    Data one = data;
    const size_t size = size_t(shape.heads) * shape.size;
    one.queries.assign(data.queries.begin() + row * size, data.queries.begin() + (row + 1) * size);
    return one;
}

const std::vector<Shape> exact_shapes = {
    {.size = 64, .heads = 14, .kv_heads = 2, .rows = 16, .cells = 700},
    {.size = 64, .heads = 8, .kv_heads = 8, .rows = 21, .cells = 600},
    {.size = 128, .heads = 8, .kv_heads = 2, .rows = 9, .cells = 333, .type = GGML_TYPE_Q8_0},
    {.size = 80, .heads = 4, .kv_heads = 4, .rows = 3, .cells = 257, .type = GGML_TYPE_F32},
    {.size = 40, .heads = 4, .kv_heads = 2, .rows = 5, .cells = 300, .type = GGML_TYPE_BF16, .cap = 20.0f},
    {.size = 32, .heads = 6, .kv_heads = 3, .rows = 70, .cells = 200, .bias = 8.0f, .sinks = true},
};

} // namespace

TEST_CASE("attention is within 1e-5 of double precision") {
    SUBCASE("for each size of heads") {
        for (const int size : {32, 40, 64, 72, 80, 96, 112, 128, 192, 256}) {
            for (const int rows : {1, 5}) {
                const Shape shape{.size = size, .rows = rows};
                CAPTURE(size);
                CHECK(error(shape, causal(shape), 2) < 1e-5);
            }
        }
        const Shape latent{.size = 576,
                           .heads = 16,
                           .kv_heads = 1,
                           .rows = 3,
                           .cells = 130,
                           .value_size = 512,
                           .streams = 1};
        CHECK(error(latent, causal(latent), 2) < 1e-5);
    }
    SUBCASE("for each type of cache") {
        for (const ggml_type type : {GGML_TYPE_F32, GGML_TYPE_F16, GGML_TYPE_BF16, GGML_TYPE_Q8_0,
                                     GGML_TYPE_Q5_0, GGML_TYPE_Q5_1, GGML_TYPE_Q4_0, GGML_TYPE_Q4_1}) {
            for (const int rows : {1, 6}) {
                const Shape shape{.rows = rows, .type = type};
                const std::string name = ggml_type_name(type);
                CAPTURE(name);
                CHECK(error(shape, causal(shape), 1) < 1e-5);
            }
        }
    }
    SUBCASE("for each ratio of heads, number of rows and of threads") {
        for (const int group : {1, 4, 7, 8}) {
            for (const int rows : {1, 2, 3, 16, 65, 100}) {
                for (const int threads : {1, 3, 8}) {
                    const Shape shape{.heads = 2 * group, .kv_heads = 2, .rows = rows, .cells = 600};
                    CAPTURE(group);
                    CAPTURE(rows);
                    CAPTURE(threads);
                    CHECK(error(shape, causal(shape), threads) < 1e-5);
                }
            }
        }
    }
    SUBCASE("with sinks, soft caps, ALiBi, no mask, trees, windows and several sequences") {
        for (const int rows : {1, 12}) {
            Shape shape{.rows = rows, .cells = 517};
            shape.sinks = true;
            CHECK(error(shape, causal(shape), 2) < 1e-5);
            shape.cap = 30.0f;
            CHECK(error(shape, causal(shape), 2) < 1e-5);
            shape.cap = 0.5f;
            CHECK(error(shape, causal(shape), 2) < 1e-5);
            shape = {.heads = 12, .rows = rows, .cells = 517, .bias = 8.0f};
            CHECK(error(
                      shape,
                      [&](int, int row, int cell) {
                          const int last = shape.cells - shape.rows + row;
                          return cell <= last ? 0.03125f * (cell - last) : hidden;
                      },
                      2) < 1e-5);
            shape = {.rows = rows, .cells = 517};
            CHECK(error(shape, nullptr, 2) < 1e-5);
            const int history = shape.cells - rows;
            CHECK(error(
                      shape,
                      [=](int, int row, int cell) {
                          if (cell < history) return 0.0f;
                          return cell - history == row || (cell - history < row && (cell + row) % 3 == 0)
                                     ? 0.0f
                                     : hidden;
                      },
                      2) < 1e-5);
            CHECK(error(
                      shape,
                      [=](int, int row, int cell) {
                          const int last = history + row;
                          return cell <= last && cell > last - 100 ? 0.0f : hidden;
                      },
                      2) < 1e-5);
            CHECK(error(
                      shape, [](int, int row, int cell) { return cell % 3 == row % 3 ? 0.0f : hidden; }, 2) <
                  1e-5);
            shape.streams = 3;
            CHECK(error(
                      shape,
                      [](int stream, int row, int cell) {
                          return cell <= 20 * row + 200 * stream ? 0.0f : hidden;
                      },
                      3) < 1e-5);
        }
    }
}

TEST_CASE("a row that sees no cell is 0") {
    const Shape shape{.rows = 3};
    const auto out = attend(
        shape, gaussian_data(shape, 2), [](int, int row, int) { return row == 1 ? hidden : 0.0f; }, 1);
    for (const float x : row_of(shape, out, 1)) CHECK(x == 0.0f);
    CHECK(is_nan_free(out));
}

TEST_CASE("a row's attention is the same to the last bit alone, beside others and on any number of threads") {
    for (const Shape & shape : exact_shapes) {
        CAPTURE(shape.size);
        const Data data = gaussian_data(shape, 3);
        const std::vector<float> together = attend(shape, data, causal(shape), 1);
        for (const int threads : {2, 3, 5, 8}) CHECK(attend(shape, data, causal(shape), threads) == together);
        for (int row = 0; row < shape.rows; row += 1 + shape.rows / 7) {
            Shape alone = shape;
            alone.rows = 1;
            const Mask mask = [&](int, int, int cell) { return causal(shape)(0, row, cell); };
            for (const int threads : {1, 4}) {
                CHECK(attend(alone, only_row(shape, data, row), mask, threads) ==
                      row_of(shape, together, row));
            }
        }
    }
}

TEST_CASE(
    "a row's attention does not depend on where in the cache its history lies, nor on what lies between") {
    for (const Shape & shape : exact_shapes) {
        CAPTURE(shape.size);
        const Data data = gaussian_data(shape, 4);
        const std::vector<float> expected = attend(shape, data, causal(shape), 1);
        // Cells in any order, among empty ones and two other sequences' that hold NaN.
        Shape larger = shape;
        larger.cells = 4 * shape.cells;
        std::vector<int> places(larger.cells);
        std::iota(places.begin(), places.end(), 0);
        std::shuffle(places.begin(), places.end(), std::mt19937(5));
        std::vector<int> positions(larger.cells, -1), cell_of_place(larger.cells, -1);
        Data moved = data;
        const size_t k = size_t(shape.kv_heads) * shape.size, v = size_t(shape.kv_heads) * shape.values();
        const float odd = shape.type == GGML_TYPE_Q8_0 ? 1.0f : std::numeric_limits<float>::quiet_NaN();
        moved.keys.assign(larger.cells * k, odd);
        moved.values.assign(larger.cells * v, odd);
        for (int cell = 0; cell < shape.cells; cell++) {
            const int place = places[cell];
            cell_of_place[place] = cell;
            positions[place] = cell;
            positions[places[shape.cells + cell]] = cell;
            positions[places[2 * shape.cells + cell]] = cell + 100;
            std::copy_n(data.keys.begin() + cell * k, k, moved.keys.begin() + place * k);
            std::copy_n(data.values.begin() + cell * v, v, moved.values.begin() + place * v);
        }
        const Mask mask = [&](int, int row, int place) {
            const int cell = cell_of_place[place];
            return cell < 0 ? hidden : causal(shape)(0, row, cell);
        };
        for (const int threads : {1, 3}) CHECK(attend(larger, moved, mask, threads, positions) == expected);
    }
}

TEST_CASE("siblings of a draft tree at one position do not change each other's rows") {
    // 300 cells of history, then 100 rows at ten positions: more cells than positions in their tile.
    const Shape shape{.heads = 14, .kv_heads = 2, .rows = 100, .cells = 400};
    const Data data = gaussian_data(shape, 6);
    std::vector<int> positions(shape.cells);
    for (int cell = 0; cell < shape.cells; cell++)
        positions[cell] = cell < 300 ? cell : 300 + (cell - 300) / 10;
    const auto sees = [](int row, int cell) {
        return cell < 300 || (cell - 300 <= row && (cell - 300) % 10 == row % 10);
    };
    const Mask mask = [&](int, int row, int cell) { return sees(row, cell) ? 0.0f : hidden; };
    const std::vector<float> together = attend(shape, data, mask, 2, positions);
    for (const int row : {0, 9, 55, 99}) {
        Shape alone = shape;
        alone.rows = 1;
        const Mask own = [&](int, int, int cell) { return sees(row, cell) ? 0.0f : hidden; };
        CHECK(attend(alone, only_row(shape, data, row), own, 1, positions) == row_of(shape, together, row));
    }
}

TEST_CASE("more visible cells at one position than a tile holds are all weighed") {
    for (const int rows : {1, 3}) {
        const Shape shape{.heads = 14, .kv_heads = 2, .rows = rows, .cells = 400};
        const Data data = gaussian_data(shape, 7);
        const std::vector<float> out = attend(shape, data, nullptr, 1, std::vector<int>(shape.cells, 0));
        const std::vector<double> expected = reference(shape, data, nullptr);
        for (size_t i = 0; i < out.size(); i++) CHECK(out[i] == doctest::Approx(expected[i]).epsilon(1e-4));
    }
}

TEST_CASE("NaN and infinities reach only the rows that see their cell") {
    for (const Shape & base : exact_shapes) {
        if (base.type == GGML_TYPE_Q8_0) continue;
        for (const float odd :
             {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
            for (const bool in_keys : {false, true}) {
                Shape shape = base;
                shape.cap = 0.0f;
                Data data = gaussian_data(shape, 8);
                const std::vector<float> expected = attend(shape, data, causal(shape), 1);
                // Only the last row sees the last cell.
                std::vector<float> & cells = in_keys ? data.keys : data.values;
                const size_t size = cells.size() / shape.cells;
                std::fill(cells.end() - static_cast<std::ptrdiff_t>(size), cells.end(), odd);
                for (const int threads : {1, 2}) {
                    const std::vector<float> out = attend(shape, data, causal(shape), threads);
                    for (int row = 0; row + 1 < shape.rows; row++) {
                        CHECK(row_of(shape, out, row) == row_of(shape, expected, row));
                    }
                    for (const float x : row_of(shape, out, shape.rows - 1)) {
                        if (!in_keys || std::isnan(odd)) CHECK(!std::isfinite(x));
                    }
                }
            }
        }
    }
}
