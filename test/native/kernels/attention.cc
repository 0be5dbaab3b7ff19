// Attention of the CPU backend (cpp/kernels/attention.h) against double precision.

#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "attention_run.h"

using namespace attention_test;

namespace {

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
