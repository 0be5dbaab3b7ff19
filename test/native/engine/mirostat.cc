#include "engine/mirostat.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "engine/gumbel_max.h"
#include "engine/llama_sampler.h"

using namespace reprise;

namespace {

std::vector<llama_token_data> random_tokens(std::mt19937 & random, int count, float deviation) {
    std::normal_distribution<float> normal(0, deviation);
    std::vector<llama_token_data> tokens;
    for (int i = 0; i < count; ++i) tokens.push_back({i, normal(random), 0});
    return tokens;
}

} // namespace

TEST_CASE("mirostat: it leaves what llama.cpp's sampler leaves, and its limit follows what is drawn alike") {
    for (const float temperature : {0.7f, 1.0f, 1.6f})
        for (const float target : {1.5f, 3.0f, 5.0f}) {
            std::mt19937 random(7);
            constexpr float rate = 0.2f;
            Mirostat mirostat(target, rate);
            const LlamaSampler temper(llama_sampler_init_temp(temperature));
            const LlamaSampler other(llama_sampler_init_mirostat_v2(1, target, rate));
            for (int round = 0; round < 200; ++round) {
                auto ours = random_tokens(random, 1'000, 1 + static_cast<float>(round % 3));
                auto theirs = ours;
                llama_token_data_array left{ours.data(), ours.size(), -1, false};
                llama_token_data_array expected{theirs.data(), theirs.size(), -1, false};
                mirostat.apply(left, temperature);
                llama_sampler_apply(temper.get(), &expected);
                llama_sampler_apply(other.get(), &expected); // It draws, too.
                REQUIRE(left.size == expected.size);
                const llama_token drawn = expected.data[expected.selected].id;
                float sum = 0;
                for (size_t i = 0; i < left.size; ++i) {
                    sum += left.data[i].p;
                    if (left.data[i].id != drawn) continue;
                    CHECK(left.data[i].p ==
                          doctest::Approx(expected.data[expected.selected].p).epsilon(1e-4));
                    mirostat.accept(left.data[i].p);
                }
                CHECK(sum == doctest::Approx(1).epsilon(1e-4));
            }
        }
}

TEST_CASE("mirostat: the mean surprise comes to the target") {
    for (const float target : {2.0f, 4.0f}) {
        std::mt19937 random(8);
        Mirostat mirostat(target, 0.1f);
        double surprise = 0;
        constexpr int count = 4'000;
        for (int position = 0; position < count; ++position) {
            auto tokens = random_tokens(random, 300, 1.5f);
            llama_token_data_array left{tokens.data(), tokens.size(), -1, false};
            mirostat.apply(left, 1);
            GumbelMax draw(1, position, 1);
            for (size_t i = 0; i < left.size; ++i) draw.offer(left.data[i].id, left.data[i].logit);
            for (size_t i = 0; i < left.size; ++i) {
                if (left.data[i].id != draw.best_token()) continue;
                surprise -= std::log2(left.data[i].p);
                mirostat.accept(left.data[i].p);
            }
        }
        CHECK(surprise / count == doctest::Approx(target).epsilon(0.02));
    }
}

TEST_CASE("mirostat: what is left keeps its order and is never nothing") {
    constexpr float lowest = -std::numeric_limits<float>::infinity();
    for (const float temperature : {1e-38f, 1.0f, 100.0f}) {
        Mirostat mirostat(0, 1); // No token but one of probability 1 surprises so little.
        std::vector<llama_token_data> tokens{{4, 1, 0}, {2, lowest, 0}, {9, 3, 0}, {1, 3, 0}, {3, 2, 0}};
        llama_token_data_array left{tokens.data(), tokens.size(), -1, false};
        mirostat.apply(left, temperature);
        REQUIRE(left.size == 1);
        CHECK(left.data[0].id == 9);
        CHECK(left.data[0].p == 1);
    }
    Mirostat mirostat(3, 0.1f);
    std::vector<llama_token_data> tokens{{4, 1, 0}, {2, lowest, 0}, {9, 3, 0}, {1, 3, 0}, {3, 2, 0}};
    llama_token_data_array left{tokens.data(), tokens.size(), -1, false};
    mirostat.apply(left, 1);
    REQUIRE(left.size == 4);
    CHECK(left.data[0].id == 4);
    CHECK(left.data[3].id == 3);
}
