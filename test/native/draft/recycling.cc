#include "draft/recycling.h"

#include <cmath>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

using namespace reprise::draft;
using enum ShareBucket;

namespace {
/// The buckets of candidates that share the probability as given, best first.
std::vector<ShareBucket> buckets_of(const std::vector<float> & shares) {
    std::vector<RankedToken> top;
    for (const float share : shares) top.push_back({static_cast<Token>(top.size()), std::log(share)});
    Recycling recycling;
    recycling.remember(1, top);
    std::vector<ShareBucket> buckets;
    for (const auto & candidate : recycling.after(1)->candidates()) buckets.push_back(candidate.share);
    return buckets;
}
} // namespace

TEST_CASE("recycling: the latest candidates after a token count") {
    Recycling recycling;
    CHECK(recycling.after(5) == nullptr);
    recycling.remember(5, std::vector<RankedToken>{{1, 3.f}, {2, 2.f}, {3, 1.f}, {4, 0.f}, {9, -1.f}});
    recycling.remember(5, std::vector<RankedToken>{{8, 3.f}, {7, 2.f}});
    const auto candidates = recycling.after(5)->candidates();
    REQUIRE(candidates.size() == 2);
    CHECK(candidates[0].token == 8);
    CHECK(candidates[1].token == 7);
}

TEST_CASE("recycling: no more candidates are kept than the width") {
    Recycling recycling;
    const std::vector<RankedToken> top(Recycling::width + 1, RankedToken{1, 0.f});
    recycling.remember(5, top);
    CHECK(recycling.after(5)->candidates().size() == Recycling::width);
}

TEST_CASE("recycling: what can never be said is no candidate") {
    Recycling recycling;
    const float never = -std::numeric_limits<float>::infinity();
    recycling.remember(5, std::vector<RankedToken>{{1, 3.f}, {0, never}, {0, never}});
    CHECK(recycling.after(5)->candidates().size() == 1);
    recycling.remember(5, std::vector<RankedToken>{{0, never}, {0, never}});
    CHECK(recycling.after(5)->candidates().empty());
}

TEST_CASE("recycling: what is adopted replaces rows of the tokens named alone") {
    Recycling one, other;
    one.remember(1, std::vector<RankedToken>{{10, 0.f}});
    one.remember(2, std::vector<RankedToken>{{20, 0.f}});
    other.remember(2, std::vector<RankedToken>{{21, 0.f}});
    other.remember(3, std::vector<RankedToken>{{30, 0.f}});
    other.remember(1, std::vector<RankedToken>{{11, 0.f}});
    one.adopt(other, std::vector<Token>{2, 3, 4, 2});
    CHECK(one.after(1)->candidates().front().token == 10);
    CHECK(one.after(2)->candidates().front().token == 21);
    CHECK(one.after(3)->candidates().front().token == 30);
    CHECK(one.after(4) == nullptr);
}

TEST_CASE("recycling: share buckets tell how the candidates shared the probability") {
    CHECK(buckets_of({0.8f, 0.1f, 0.06f, 0.04f}) ==
          std::vector{most, below_eighth, below_eighth, below_eighth});
    CHECK(buckets_of({0.6f, 0.3f, 0.1f}) == std::vector{below_three_quarters, below_half, below_eighth});
    CHECK(buckets_of({0.4f, 0.2f, 0.2f, 0.2f}) ==
          std::vector{below_half, below_quarter, below_quarter, below_quarter});
}
