#include "engine/log_probabilities.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include <doctest/doctest.h>

#include "../support.h"
#include "engine/context.h"

using namespace reprise;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

/// By the definition of the softmax.
std::vector<double> plain(const std::vector<float> & logits) {
    double highest = -infinity, sum = 0;
    for (const float logit : logits)
        if (logit > highest) highest = logit;
    for (const float logit : logits)
        if (!std::isnan(logit)) sum += std::exp(logit - highest);
    std::vector<double> result;
    for (const float logit : logits)
        result.push_back(std::isnan(logit) ? -infinity : logit - highest - std::log(sum));
    return result;
}

void check(const std::vector<float> & logits, Token chosen, int top_count) {
    const auto count = static_cast<int>(logits.size());
    const LogProbabilities found = log_probabilities(logits.data(), count, chosen, top_count);
    const std::vector<double> expected = plain(logits);
    std::vector<Token> order(count);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](Token a, Token b) { return expected[a] > expected[b]; });
    while (!order.empty() && expected[order.back()] == -infinity) order.pop_back();

    if (expected[chosen] == -infinity)
        CHECK(found.chosen == -infinity);
    else
        CHECK(found.chosen == doctest::Approx(expected[chosen]).epsilon(1e-6));
    REQUIRE(found.top.size() == std::min<size_t>(top_count, order.size()));
    for (size_t rank = 0; rank < found.top.size(); ++rank) {
        CHECK(found.top[rank].token == order[rank]);
        CHECK(found.top[rank].logprob == doctest::Approx(expected[order[rank]]).epsilon(1e-6));
    }
}

} // namespace

TEST_CASE("log-probabilities: they are the softmax over the whole vocabulary, the best first") {
    std::mt19937 random(1);
    for (int round = 0; round < 100; ++round) {
        std::normal_distribution<float> normal(round % 2 ? 300.f : -20.f, round % 5 + 0.5f);
        std::vector<float> logits(1 + random() % (round % 10 == 0 ? 20'000 : 500));
        for (float & logit : logits) logit = normal(random);
        check(logits, static_cast<Token>(random() % logits.size()), round % 21);
    }
}

TEST_CASE("log-probabilities: of equal tokens the lowest comes first") {
    check(std::vector<float>(100, 2.5f), 7, 20);
    std::vector<float> logits(300, 0.f);
    for (int i = 0; i < 300; i += 7) logits[i] = 1;
    check(logits, 3, 20);
}

TEST_CASE("log-probabilities: what is no number or infinitely low has no probability") {
    std::vector<float> logits(50, 1.f);
    for (int i = 0; i < 50; i += 3) logits[i] = i % 2 ? not_a_number : -infinity;
    check(logits, 4, 20);
    check(logits, 3, 20);
    check(logits, 6, 20);
    std::vector<float> one(50, -infinity);
    one[9] = -1000;
    check(one, 9, 20);
    CHECK(log_probabilities(one.data(), 50, 9, 5).chosen == 0.f);
}

TEST_CASE("log-probabilities: a generation tells those of the logits of a plain pass") {
    GenerateOptions options = prompt_options("the cat sat on the mat. the dog sat on", DraftMode::fixed);
    options.max_tokens = 20;
    options.logprobs = 5;
    options.sampler.temperature = 1.2f;
    options.sampler.top_k = 10;
    options.sampler.frequency_penalty = 1;
    const auto session = test_session();
    std::vector<TokenLogprobs> told;
    const Said said = generate(*session, options, [&](const Chunk & chunk) {
        REQUIRE(chunk.logprobs.size() == chunk.tokens.size());
        told.insert(told.end(), chunk.logprobs.begin(), chunk.logprobs.end());
    });
    REQUIRE(said.error == "");
    REQUIRE(told.size() == said.tokens.size());

    std::vector<Token> all = *options.tokens;
    all.insert(all.end(), said.tokens.begin(), said.tokens.end());
    Context context(test_model().model, test_context(), [] { return false; });
    Batch batch;
    const llama_seq_id id = 0;
    for (size_t i = 0; i < all.size(); ++i)
        batch.add(all[i], static_cast<llama_pos>(i), std::span(&id, 1), true);
    REQUIRE(context.decode(batch) == DecodeStatus::done);
    context.synchronize();
    const int vocabulary_size = test_model()->vocabulary_size();
    for (size_t i = 0; i < told.size(); ++i) {
        const float * const row = context.logits().whole(static_cast<int>(options.tokens->size() + i) - 1);
        const std::vector<double> expected = plain({row, row + vocabulary_size});
        CHECK(told[i].token == said.tokens[i]);
        CHECK(told[i].logprob == doctest::Approx(expected[said.tokens[i]]).epsilon(1e-3));
        REQUIRE(told[i].top.size() == 5);
        for (const auto & one : told[i].top) {
            CHECK(one.logprob == doctest::Approx(expected[one.token]).epsilon(1e-3));
            CHECK(one.text == test_model()->vocabulary().detokenize(std::span(&one.token, 1), true));
        }
        const double best = *std::max_element(expected.begin(), expected.end());
        CHECK(told[i].top[0].logprob == doctest::Approx(best).epsilon(1e-3));
    }
}
