#include "engine/top_logits.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace reprise;

namespace {
/// The reference: a stable sort, so that of equals the first comes first.
std::vector<int> sorted_tokens(const std::vector<float> & logits) {
    std::vector<int> order(logits.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return logits[a] > logits[b]; });
    return order;
}

void check_top(const std::vector<float> & logits) {
    const TopLogits top = top_logits(logits.data(), static_cast<int>(logits.size()));
    const std::vector<int> order = sorted_tokens(logits);
    for (size_t rank = 0; rank < top.size(); ++rank) {
        CHECK(top[rank].token == order[rank]);
        CHECK(top[rank].logit == logits[order[rank]]);
    }
}
} // namespace

TEST_CASE("the highest logits come best first, wherever they lie") {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    for (const int count : {4, 7, 255, 256, 257, 1024, 2048, 5000}) {
        std::vector<float> logits(count);
        for (int round = 0; round < 50; ++round) {
            for (float & logit : logits) logit = normal(random);
            check_top(logits);
        }
    }
}

TEST_CASE("of equal logits the first comes first") {
    std::mt19937 random(2);
    for (const int count : {4, 300, 3000}) {
        std::vector<float> logits(count);
        for (int round = 0; round < 50; ++round) {
            for (float & logit : logits) logit = static_cast<float>(random() % 5);
            check_top(logits);
        }
    }
    check_top(std::vector<float>(3000, 1.f));
}

TEST_CASE("a NaN counts as -infinity, and what no logit fills is token 0 at -infinity") {
    constexpr float lowest = -std::numeric_limits<float>::infinity();
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    std::mt19937 random(3);
    std::normal_distribution<float> normal;
    for (const int count : {4, 300, 2048, 3000})
        for (int round = 0; round < 50; ++round) {
            std::vector<float> logits(count);
            for (float & logit : logits) logit = random() % 3 == 0 ? nan : normal(random);
            const TopLogits top = top_logits(logits.data(), count);
            for (float & logit : logits)
                if (std::isnan(logit)) logit = lowest;
            const std::vector<int> order = sorted_tokens(logits);
            for (size_t rank = 0; rank < top.size() && logits[order[rank]] > lowest; ++rank)
                CHECK(top[rank].token == order[rank]);
        }
    for (const int count : {1, 2, 3, 3000}) {
        std::vector<float> logits(count, nan);
        logits.back() = 2;
        const TopLogits top = top_logits(logits.data(), count);
        CHECK(top[0].token == count - 1);
        for (size_t rank = 1; rank < top.size(); ++rank) {
            CHECK(top[rank].token == 0);
            CHECK(top[rank].logit == lowest);
        }
    }
}
