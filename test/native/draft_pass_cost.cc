#include <doctest/doctest.h>

#include "draft/pass_cost.h"

#include <utility>

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
