#include "engine/adjustments.h"

#include <cmath>
#include <limits>
#include <random>

#include <doctest/doctest.h>

#include "../support.h"

using namespace reprise;

namespace {

constexpr float lowest = -std::numeric_limits<float>::infinity();

std::vector<llama_token_data> all_tokens() {
    std::vector<llama_token_data> tokens;
    for (Token token = 0; token < test_model()->vocabulary_size(); ++token)
        tokens.push_back({token, std::sin(static_cast<float>(token)), 0});
    return tokens;
}

/// The scores of the tokens that are left, by their ids; -infinity where one is gone.
template <typename Apply> std::vector<float> scores_after(Apply apply) {
    std::vector<llama_token_data> tokens = all_tokens();
    llama_token_data_array array{tokens.data(), tokens.size(), -1, false};
    apply(array);
    std::vector<float> scores(all_tokens().size(), lowest);
    for (size_t i = 0; i < array.size; ++i) scores[array.data[i].id] = array.data[i].logit;
    return scores;
}

std::vector<float> adjusted(const Adjustments & adjustments) {
    return scores_after([&](llama_token_data_array & array) { adjustments.apply(array); });
}

AdjustmentOptions dry_options() {
    AdjustmentOptions options;
    options.dry.multiplier = 0.8f;
    options.dry.allowed_length = 1;
    options.dry.penalty_last_n = 40;
    return options;
}

} // namespace

TEST_CASE("adjustments: DRY is llama.cpp's, over a window of the history and of what is accepted") {
    const AdjustmentOptions options = dry_options();
    std::vector<const char *> breakers;
    for (const std::string & breaker : options.dry.sequence_breakers) breakers.push_back(breaker.c_str());
    std::mt19937 random(1);
    int penalised = 0;
    for (int round = 0; round < 20; ++round) {
        std::vector<Token> history(random() % 60);
        for (Token & token : history) token = 300 + static_cast<Token>(random() % 4);
        Adjustments ours(*test_model(), options, history);
        const LlamaSampler theirs(llama_sampler_init_dry(
            test_model()->vocab(), options.dry.multiplier, options.dry.base, options.dry.allowed_length,
            options.dry.penalty_last_n, breakers.data(), breakers.size()));
        for (const Token token : history) llama_sampler_accept(theirs.get(), token);
        for (int step = 0; step < 10; ++step) {
            const auto expected = scores_after(
                [&](llama_token_data_array & array) { llama_sampler_apply(theirs.get(), &array); });
            CHECK(adjusted(ours) == expected);
            const auto plain = scores_after([](llama_token_data_array &) {});
            penalised += expected != plain;
            const auto next = 300 + static_cast<Token>(random() % 4);
            ours.accept(next);
            llama_sampler_accept(theirs.get(), next);
        }
    }
    CHECK(penalised > 100);
}

TEST_CASE("adjustments: a sampler of DRY that was made before has seen nothing") {
    AdjustmentOptions options = dry_options();
    const std::vector<Token> history{301, 302, 301, 302, 301};
    const auto repeated = adjusted(Adjustments(*test_model(), options, history));
    const auto plain = scores_after([](llama_token_data_array &) {});
    CHECK(repeated != plain);
    CHECK(adjusted(Adjustments(*test_model(), options, {})) == plain);
    for (int i = 0; i < 6; ++i) { // more than are kept
        options.dry.multiplier = 2.0f + static_cast<float>(i);
        CHECK(adjusted(Adjustments(*test_model(), options, history)) != repeated);
    }
    CHECK(adjusted(Adjustments(*test_model(), dry_options(), history)) == repeated);
}

TEST_CASE("adjustments: a penalty of DRY that no float holds leaves the token, as the last") {
    AdjustmentOptions options = dry_options();
    options.dry.multiplier = 100;
    options.dry.base = 100;
    options.dry.penalty_last_n = 500;
    const Adjustments adjustments(*test_model(), options, std::vector<Token>(400, 301));
    CHECK(adjusted(adjustments)[301] == -max_score);
    CHECK(adjusted(adjustments)[302] > -2);
}

TEST_CASE("adjustments: DRY counts nothing across a breaker") {
    AdjustmentOptions options = dry_options();
    const auto tokens_of = [](const char * text) {
        return test_model()->vocabulary().tokenize(text, false, false);
    };
    const std::vector<Token> history = tokens_of("red box, red box, red");
    const auto plain = scores_after([](llama_token_data_array &) {});
    CHECK(adjusted(Adjustments(*test_model(), options, history)) != plain);
    options.dry.sequence_breakers = {"red"};
    CHECK(adjusted(Adjustments(*test_model(), options, history)) == plain);
    options.dry.sequence_breakers = {};
    CHECK(adjusted(Adjustments(*test_model(), options, history)) != plain);
}

TEST_CASE("adjustments: what is banned is gone, and what is left is limited") {
    AdjustmentOptions options;
    CHECK(Adjustments(*test_model(), options, {}).are_off());
    options.logit_bias = {{5, lowest}, {6, 1e30f}, {7, -1e30f}};
    const Adjustments adjustments(*test_model(), options, {});
    CHECK_FALSE(adjustments.are_off());
    const auto scores = adjusted(adjustments);
    CHECK(scores[5] == lowest);
    CHECK(scores[6] == max_score);
    CHECK(scores[7] == -max_score);
    CHECK(scores[8] == std::sin(8.f));
}
