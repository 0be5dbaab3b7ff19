#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

#include "engine/sampler.h"
#include "support.h"

using namespace reprise;

namespace {
Choice choose(Sampler & sampler, const std::vector<float> & logits, int64_t position) {
    return sampler.choose(logits.data(), top_logits(logits.data(), static_cast<int>(logits.size())),
                          position);
}
} // namespace

TEST_CASE("greedy takes the highest logit and its distance to the second highest") {
    const auto model = test_model();
    Sampler sampler(*model, {}, {});
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<float> logits(model->vocabulary_size());
    for (int round = 0; round < 50; ++round) {
        for (float & logit : logits) logit = normal(random);
        std::vector<float> sorted = logits;
        std::sort(sorted.begin(), sorted.end(), std::greater());
        const Choice choice = choose(sampler, logits, round);
        CHECK(logits[choice.token] == sorted[0]);
        CHECK(choice.margin == sorted[0] - sorted[1]);
    }
}

TEST_CASE("of equal logits greedy takes the first, at margin 0") {
    const auto model = test_model();
    Sampler sampler(*model, {}, {});
    std::vector<float> logits(model->vocabulary_size(), 0.0f);
    logits[7] = logits[540] = 1.0f;
    const Choice choice = choose(sampler, logits, 0);
    CHECK(choice.token == 7);
    CHECK(choice.margin == 0.0f);
}

TEST_CASE("sampling follows the softmax: chi-square over four tokens") {
    const auto model = test_model();
    SamplerOptions options;
    options.temperature = 1;
    options.top_k = 4;
    options.seed = 42;
    Sampler sampler(*model, options, {});
    std::vector<float> logits(model->vocabulary_size(), -100.0f);
    const double weights[4] = {0.5, 0.25, 0.15, 0.1};
    for (int i = 0; i < 4; ++i) logits[100 + i] = static_cast<float>(std::log(weights[i]));
    constexpr int draws = 20'000;
    int counts[4] = {};
    for (int position = 0; position < draws; ++position)
        ++counts[choose(sampler, logits, position).token - 100];
    double chi_square = 0;
    for (int i = 0; i < 4; ++i) {
        const double expected = draws * weights[i];
        chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    CHECK(chi_square < 16.27); // 3 degrees of freedom, p = 0.001
}

TEST_CASE("a draw depends on seed and position alone") {
    const auto model = test_model();
    SamplerOptions options;
    options.temperature = 1;
    options.seed = 7;
    Sampler one(*model, options, {});
    Sampler other(*model, options, {});
    std::mt19937 random(3);
    std::normal_distribution<float> normal;
    std::vector<float> logits(model->vocabulary_size());
    for (float & logit : logits) logit = normal(random);
    for (int position = 0; position < 20; ++position) choose(one, logits, position);
    CHECK(choose(one, logits, 33).token == choose(other, logits, 33).token);
}

TEST_CASE("a grammar forbids what does not fit it") {
    const auto model = test_model();
    SamplerOptions options;
    options.grammar = "root ::= \"yes\" | \"no\"";
    Sampler sampler(*model, options, {});
    std::vector<float> logits(model->vocabulary_size(), 0.0f);
    const Token wanted = model->tokenize("maybe", false, false).front();
    logits[wanted] = 10;
    const Choice choice = choose(sampler, logits, 0);
    std::string piece;
    model->append_piece(choice.token, false, piece);
    CHECK((std::string("yes").starts_with(piece) || std::string("no").starts_with(piece)));
}

TEST_CASE("an invalid grammar is an error that says so") {
    const auto model = test_model();
    SamplerOptions options;
    options.grammar = "root ::= (";
    CHECK_THROWS_AS(Sampler(*model, options, {}), Error);
}
