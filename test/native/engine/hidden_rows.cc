#include "engine/hidden_rows.h"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace reprise;

TEST_CASE("hidden rows: are those of a map of which a gap leaves the last part") {
    constexpr int width = 3;
    std::mt19937 random(4);
    HiddenRows rows(width);
    std::map<int, std::vector<float>> expected;
    int next = 0;
    for (int step = 0; step < 4000; ++step) {
        const int index = std::max(0, next - 3 + static_cast<int>(random() % 6));
        switch (random() % 8) {
        case 0:
            rows.truncate(index);
            expected.erase(expected.lower_bound(index), expected.end());
            break;
        case 1:
            rows.drop_before(index);
            expected.erase(expected.begin(), expected.lower_bound(index));
            break;
        default: {
            const std::vector<float> values(width, static_cast<float>(step));
            expected.erase(expected.lower_bound(index), expected.end());
            if (!expected.contains(index - 1)) expected.clear();
            std::ranges::copy(values, rows.put(index).begin());
            expected[index] = values;
            next = index + 1;
        }
        }
        REQUIRE(rows.size() == static_cast<int>(expected.size()));
        for (int i = next - 40; i < next + 8; ++i) {
            REQUIRE(rows.has(i) == expected.contains(i));
            if (rows.has(i)) REQUIRE(std::ranges::equal(rows.at(i), expected.at(i)));
        }
    }
}

TEST_CASE("hidden rows: of a copy that goes its own way, the other knows nothing") {
    HiddenRows rows(1);
    rows.put(5)[0] = 1;
    HiddenRows copy = rows;
    copy.put(6)[0] = 2;
    copy.at(5);
    CHECK(rows.end() == 6);
    CHECK(copy.end() == 7);
    CHECK(rows.at(5)[0] == 1);
}
