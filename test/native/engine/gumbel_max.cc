#include "engine/gumbel_max.h"

#include <algorithm>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "../plain_draw.h"

using namespace reprise;
using draft::Token;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

GumbelMax drawn(const std::vector<float> & logits, uint64_t seed, int64_t position, double temperature) {
    GumbelMax draw(seed, position, temperature);
    for (size_t i = 0; i < logits.size(); ++i) draw.offer(static_cast<Token>(i), logits[i]);
    return draw;
}

/// Two of the highest.
std::pair<Token, Token> highest(const std::vector<float> & logits) {
    std::vector<Token> order(logits.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<Token>(i);
    std::partial_sort(order.begin(), order.begin() + 2, order.end(),
                      [&](Token a, Token b) { return logits[a] > logits[b]; });
    return {order[0], order[1]};
}

} // namespace

TEST_CASE("gumbel max: a draw has the token and margin of its definition, bit for bit") {
    std::mt19937_64 random(5);
    const auto below = [&](int limit) { return static_cast<int>(random() % limit); };
    for (int i = 0; i < 10'000; ++i) {
        const double spread = std::pow(10.0, below(8) - 4);
        std::normal_distribution<float> normal(static_cast<float>(below(3) - 1) * 100,
                                               static_cast<float>(spread));
        std::vector<float> logits(2 + below(i % 100 == 0 ? 150'000 : 300));
        for (float & logit : logits) {
            logit = normal(random);
            if (below(20) == 0) logit = std::round(logit); // ties
            if (below(50) == 0) logit = -infinity;
        }
        logits[below(static_cast<int>(logits.size()))] = static_cast<float>(spread);
        const double temperature = std::pow(10.0, below(5) - 2.5);
        const uint64_t seed = random();
        const PlainDraw expected = plain_draw(logits, seed, i, temperature);
        const GumbelMax draw = drawn(logits, seed, i, temperature);
        REQUIRE(draw.best_token() == expected.token);
        REQUIRE(draw.margin() == expected.margin);

        GumbelMax expecting(seed, i, temperature);
        const auto [first, second] = highest(logits);
        expecting.expect(first, logits[first], second, logits[second]);
        for (size_t token = 0; token < logits.size(); ++token)
            expecting.offer(static_cast<Token>(token), logits[token]);
        REQUIRE(expecting.best_token() == expected.token);
        REQUIRE(expecting.margin() == expected.margin);
    }
}

TEST_CASE("gumbel max: the order in which tokens are offered changes nothing") {
    std::mt19937 random(7);
    std::normal_distribution<float> normal(0, 4);
    for (int i = 0; i < 300; ++i) {
        std::vector<float> logits(400);
        for (float & logit : logits) logit = std::round(normal(random));
        const GumbelMax expected = drawn(logits, 3, i, 0.7);
        std::vector<Token> order(logits.size());
        for (size_t token = 0; token < order.size(); ++token) order[token] = static_cast<Token>(token);
        std::shuffle(order.begin(), order.end(), random);
        GumbelMax draw(3, i, 0.7);
        for (const Token token : order) draw.offer(token, logits[token]);
        CHECK(draw.best_token() == expected.best_token());
        CHECK(draw.margin() == expected.margin());
    }
}

TEST_CASE("gumbel max: scores that no noise can change are compared as they are") {
    for (const double temperature : {1e-30, 1e-14, 1e-9}) {
        const std::vector<float> logits = {1, 5, 5, 3, -infinity, 5};
        const PlainDraw expected = plain_draw(logits, 11, 0, temperature);
        const GumbelMax draw = drawn(logits, 11, 0, temperature);
        CHECK(draw.best_token() == expected.token);
        CHECK(draw.margin() == expected.margin);
    }
}

TEST_CASE("gumbel max: one token alone is drawn at an infinite margin, and none at all is token 0") {
    CHECK(drawn({-infinity, 2, -infinity}, 1, 1, 1).best_token() == 1);
    CHECK(drawn({-infinity, 2, -infinity}, 1, 1, 1).margin() == std::numeric_limits<double>::infinity());
    CHECK(drawn({-infinity, std::numeric_limits<float>::quiet_NaN()}, 1, 1, 1).best_token() == 0);
}
