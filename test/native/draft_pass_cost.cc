#include <doctest/doctest.h>

#include "draft/pass_cost.h"

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
