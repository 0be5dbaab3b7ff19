#include "draft/plan.h"

#include <algorithm>
#include <climits>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "ascending.h"

using namespace reprise::draft;

namespace {

/// A drafter whose text has just begun to repeat itself.
Drafter copying() {
    Drafter drafter;
    drafter.append(ascending(100, 200), Source::prompt);
    drafter.append(ascending(100, 20), Source::output);
    drafter.begin({});
    return drafter;
}

int planned(Drafter & drafter, const PassCost & cost, int budget = 256, bool fixed = false) {
    Drafter * const member = &drafter;
    plan_pass({&member, 1}, cost, 0, budget, fixed);
    return drafter.tree().size();
}

} // namespace

TEST_CASE("plan: free rows are taken, rows as dear as a pass are not") {
    Drafter a = copying(), b = copying();
    CHECK(planned(a, PassCost::linear(0)) == DraftLimits{}.max_nodes);
    CHECK(planned(b, PassCost::linear(1.5)) == 0);
}

TEST_CASE("plan: the dearer the rows the smaller the tree") {
    int before = INT32_MAX;
    for (const double per_row : {0.01, 0.1, 0.3, 0.9}) {
        Drafter drafter = copying();
        const int size = planned(drafter, PassCost::linear(per_row));
        CHECK(size <= before);
        before = size;
    }
}

TEST_CASE("plan: the budget counts the root's row") {
    Drafter drafter = copying();
    CHECK(planned(drafter, PassCost::linear(0), 8) == 7);
}

TEST_CASE("plan: a fixed size is taken whatever it costs") {
    Drafter drafter;
    drafter.append(ascending(100, 200), Source::prompt);
    drafter.append(ascending(100, 20), Source::output);
    drafter.begin({.max_nodes = 10, .max_leaves = 16, .max_depth = 64, .chain = false, .fixed = true});
    CHECK(planned(drafter, PassCost::linear(5), 256, true) == 10);
}

TEST_CASE("plan: the budget goes to the member that copies") {
    Drafter copies = copying(), tells;
    tells.append(ascending(1000, 200), Source::prompt);
    tells.append(ascending(3000, 20), Source::output);
    tells.begin({});
    Drafter * const members[] = {&tells, &copies};
    plan_pass(members, PassCost::linear(0.1), 0, 10);
    CHECK(copies.tree().size() > tells.tree().size());
    CHECK(copies.tree().size() + tells.tree().size() <= 8);
}

namespace {

/// A row adds a tenth of a millisecond to the first's ten; a pass of another size than `last` takes `change`
/// longer.
PassCost with_change(double change, int last) {
    PassCost cost;
    for (int rows = 1; rows <= 64; ++rows) {
        const double milliseconds = 10 + 0.1 * (rows - 1);
        cost.calibrate(rows, milliseconds, milliseconds + change);
    }
    // Twice, so that the next one is no second pass of its size.
    for (int i = 0; i < 2; ++i) cost.observe(last, 0, 10 + 0.1 * (last - 1));
    return cost;
}

} // namespace

TEST_CASE("plan: a pass has the last one's size where a change takes longer than its rows") {
    Drafter free = copying();
    const int natural = 1 + planned(free, with_change(0, 1));
    REQUIRE(natural > 4);
    for (const int last : {natural - 2, natural - 1, natural + 1, natural + 2}) {
        Drafter drafter = copying();
        CHECK(1 + planned(drafter, with_change(5, last)) == last);
    }
    Drafter drafter = copying();
    CHECK(1 + planned(drafter, with_change(5, 1)) > 4);
}

TEST_CASE("plan: a pass that changes its size grows to one that comes again where its rows cost little") {
    int grown = 0;
    for (int text = 1; text <= 12; ++text) {
        const auto drafter = [&] {
            Drafter drafter;
            drafter.append(ascending(100, 200), Source::prompt);
            drafter.append(ascending(100, text), Source::output);
            drafter.begin({});
            return drafter;
        };
        Drafter free = drafter(), changing = drafter();
        const int natural = 1 + planned(free, with_change(0, 64));
        const int rows = 1 + planned(changing, with_change(1, 64));
        INFO("without a change ", natural, " rows, with one ", rows);
        if (rows == natural || rows == 64) continue;
        const std::vector<int> again{1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};
        CHECK(rows > natural);
        CHECK(std::ranges::find(again, rows) != again.end());
        ++grown;
    }
    CHECK(grown > 0);
}
