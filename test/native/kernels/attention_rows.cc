// What a row's attention does not depend on: other rows, threads, and where cells lie.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "attention_run.h"

using namespace attention_test;

namespace {

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
