#include "draft/pass_cost.h"

#include <cstdint>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace reprise::draft;

TEST_CASE("pass cost: a linear cost stays as it is whatever is observed") {
    PassCost cost = PassCost::linear(0.1);
    cost.observe(5, 100, 50);
    CHECK(cost.milliseconds(1, 0) == doctest::Approx(1));
    CHECK(cost.milliseconds(11, 4000) == doctest::Approx(2));
}

TEST_CASE("pass cost: the same time again and again becomes the cost of its row count") {
    PassCost cost;
    for (int i = 0; i < 50; ++i) {
        cost.observe(1, 100, 2);
        cost.observe(8, 100, 6);
    }
    CHECK(cost.measured());
    CHECK(cost.milliseconds(1, 100) == doctest::Approx(2).epsilon(0.05));
    CHECK(cost.milliseconds(8, 100) == doctest::Approx(6).epsilon(0.05));
}

TEST_CASE("pass cost: rows never timed lie between their neighbours, and no row makes a pass cheaper") {
    PassCost cost;
    for (int i = 0; i < 50; ++i) {
        cost.observe(1, 100, 3);
        cost.observe(4, 100, 2.5);
        cost.observe(16, 100, 9);
    }
    for (int rows = 2; rows <= PassCost::max_rows; ++rows)
        CHECK(cost.milliseconds(rows, 100) >= cost.milliseconds(rows - 1, 100));
    CHECK(cost.milliseconds(10, 100) > cost.milliseconds(4, 100));
    CHECK(cost.milliseconds(10, 100) < cost.milliseconds(16, 100));
}

TEST_CASE("pass cost: a row count that is slower than a larger one leaves the larger one's cost as it is") {
    PassCost cost;
    for (const auto & [rows, milliseconds] : {std::pair{1, 6.0}, {2, 3.0}, {4, 5.0}})
        for (int i = 0; i < 10; ++i) cost.observe(rows, 100, milliseconds);
    cost.observe(2, 100, 3);
    CHECK(cost.milliseconds(2, 100) == doctest::Approx(3).epsilon(0.05));
    cost.observe(4, 100, 5);
    CHECK(cost.milliseconds(4, 100) == doctest::Approx(5).epsilon(0.05));
}

TEST_CASE("pass cost: what a change of size takes hardly counts as the new size's own cost") {
    PassCost cost;
    cost.calibrate(1, 2, 2);
    cost.calibrate(2, 2.5, 2.5);
    for (int i = 0; i < 10; ++i) cost.observe(1, 100, 2);
    // The graph is built anew.
    cost.observe(2, 100, 6);
    CHECK(cost.milliseconds(2, 100) < 3.5);
}

TEST_CASE("pass cost: the second pass of a size in a row may take longer, which says nothing of its rows") {
    PassCost cost;
    for (const int rows : {1, 8, 16}) cost.calibrate(rows, 2 + 0.1 * rows, 2 + 0.1 * rows);
    // A graph is built at the first pass of a size and recorded at the second.
    const auto pass = [&](int rows, double extra) { cost.observe(rows, 100, 2 + 0.1 * rows + extra); };
    for (int i = 0; i < 60; ++i)
        for (const int rows : {1, 8, 16}) {
            pass(rows, 0.5);
            CHECK(cost.milliseconds(rows, 100) >= cost.steady_milliseconds(rows, 100));
            pass(rows, 1);
            for (int repeat = 0; repeat < 4; ++repeat) pass(rows, 0);
        }
    CHECK(cost.change_milliseconds() == doctest::Approx(1.5).epsilon(0.15));
    for (const int rows : {1, 8, 16})
        CHECK(cost.steady_milliseconds(rows, 100) == doctest::Approx(2 + 0.1 * rows).epsilon(0.03));
    pass(8, 0.5);
    CHECK(cost.milliseconds(8, 100) == doctest::Approx(3.8).epsilon(0.1));
    CHECK(cost.milliseconds(1, 100) == doctest::Approx(2.6).epsilon(0.1));
}

TEST_CASE("pass cost: one pass that took a hundred times as long hardly moves a cost") {
    PassCost cost;
    for (const int rows : {1, 4, 8, 16}) cost.calibrate(rows, rows, rows);
    for (const int rows : {1, 4})
        for (int i = 0; i < 20; ++i) cost.observe(rows, 100, rows);
    cost.observe(4, 100, 400);
    CHECK(cost.steady_milliseconds(4, 100) < 4.5);
    // A size that was only calibrated is less certain.
    cost.observe(16, 100, 1600);
    CHECK(cost.steady_milliseconds(16, 100) < 32);
    CHECK(cost.steady_milliseconds(8, 100) < 9);
}

TEST_CASE("pass cost: real passes overrule a calibration that was wrong") {
    PassCost cost;
    for (const auto & [rows, milliseconds] : {std::pair{1, 2.0}, {8, 30.0}, {16, 32.0}})
        cost.calibrate(rows, milliseconds, milliseconds);
    for (int i = 0; i < 10; ++i) {
        cost.observe(1, 100, 2);
        cost.observe(8, 100, 4);
        cost.observe(8, 100, 4);
    }
    CHECK(cost.steady_milliseconds(8, 100) == doctest::Approx(4).epsilon(0.2));
}

TEST_CASE("pass cost: a calibration adds to what real passes have shown, and replaces nothing") {
    PassCost cost;
    cost.calibrate(1, 2, 2);
    for (int i = 0; i < 10; ++i) cost.observe(1, 1000, 4);
    for (int i = 0; i < 10; ++i) cost.observe(4, 1000, 6);
    CHECK_FALSE(cost.timed(8, 1000));
    const double speed = cost.steady_milliseconds(4, 1000) / 6;
    cost.calibrate(4, 60, 60, 1000);
    cost.calibrate(8, 10, 10, 1000);
    CHECK(cost.steady_milliseconds(4, 1000) == doctest::Approx(6 * speed));
    CHECK(cost.steady_milliseconds(8, 1000) == doctest::Approx(10).epsilon(0.05));
    // At another depth it costs as many single rows.
    CHECK(cost.timed(8, 0));
    CHECK(
        cost.steady_milliseconds(8, 0) / cost.steady_milliseconds(1, 0) ==
        doctest::Approx(cost.steady_milliseconds(8, 1000) / cost.steady_milliseconds(1, 1000)).epsilon(0.05));
}

TEST_CASE("pass cost: after a pass that says nothing, its size is the last one") {
    PassCost cost;
    for (const int rows : {1, 8}) cost.calibrate(rows, rows, rows + 1);
    for (int i = 0; i < 3; ++i) cost.observe(1, 100, 1);
    cost.skip(8);
    CHECK(cost.last_rows() == 8);
    CHECK(cost.milliseconds(1, 100) > cost.steady_milliseconds(1, 100));
}

TEST_CASE("pass cost: observations fade as if each had made all weights smaller") {
    // More of them than a unit of weights lasts.
    PassCost cost;
    for (int i = 0; i < 30000; ++i) cost.observe(1 + i % 3, 100, 1 + i % 3);
    CHECK(cost.unconfirmed(8, 8, 100));
    CHECK_FALSE(cost.unconfirmed(1, 3, 100));
    for (const int rows : {1, 2, 3})
        CHECK(cost.steady_milliseconds(rows, 100) == doctest::Approx(rows).epsilon(0.05));
    for (int i = 0; i < 3000; ++i) cost.observe(1, 100, 1);
    CHECK(cost.unconfirmed(2, 3, 100));
}

TEST_CASE("pass cost: any staircase is what its passes were said to take, with lines between") {
    uint32_t state = 7;
    const auto random = [&](int below) {
        state = state * 1664525 + 1013904223;
        return static_cast<int>((state >> 8) % below);
    };
    for (int trial = 0; trial < 200; ++trial) {
        std::vector<PassTime> times;
        double milliseconds = 1 + random(100);
        for (int rows = 1 + random(3); rows <= PassCost::max_rows && times.size() < 12;
             rows += 1 + random(40)) {
            times.push_back({rows, milliseconds});
            milliseconds += random(3) * (1 + random(50)); // steps, and treads between them
        }
        std::vector<PassTime> shuffled = times;
        for (size_t i = shuffled.size(); i > 1; --i)
            std::swap(shuffled[i - 1], shuffled[random(static_cast<int>(i))]);
        PassCost cost = PassCost::staircase(shuffled);
        cost.observe(1, 100, 1e6);
        for (size_t i = 0; i < times.size(); ++i) {
            CHECK(cost.milliseconds(times[i].rows, 5000) == doctest::Approx(times[i].milliseconds));
            if (i == 0) continue;
            const auto [from, low] = times[i - 1];
            const auto [to, high] = times[i];
            for (int rows = from; rows < to; ++rows)
                CHECK(cost.milliseconds(rows, 0) ==
                      doctest::Approx(low + (high - low) * (rows - from) / (to - from)));
        }
        CHECK(cost.milliseconds(1, 0) == doctest::Approx(times[0].milliseconds));
        for (int rows = 2; rows <= PassCost::max_rows; ++rows)
            CHECK(cost.milliseconds(rows, 0) >= cost.milliseconds(rows - 1, 0));
    }
}
