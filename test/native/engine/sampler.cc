#include "engine/sampler.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include <doctest/doctest.h>

#include "support.h"

using namespace reprise;

namespace {
HostLogits host_logits(const std::vector<float> & logits) {
    return {static_cast<int>(logits.size()), [&logits](int) { return logits.data(); }};
}

Choice choose(Sampler & sampler, const std::vector<float> & logits, int64_t position) {
    HostLogits rows = host_logits(logits);
    const auto choice = sampler.choose({rows, 0}, rows.best(0), position);
    REQUIRE(choice.has_value());
    return *choice;
}

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

/// The error's code, or empty.
std::string failure(const SamplerOptions & options, const std::vector<float> & logits) {
    Sampler sampler(*test_model(), options, {});
    try {
        choose(sampler, logits, 0);
    } catch (const Error & error) {
        return name_of(error.code());
    }
    return {};
}

std::vector<float> random_logits(uint32_t seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, 3);
    std::vector<float> logits(test_model()->vocabulary_size());
    for (float & logit : logits) logit = normal(random);
    return logits;
}

Token best_of(const std::vector<float> & logits) {
    return static_cast<Token>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

std::vector<SamplerOptions> all_kinds() {
    std::vector<SamplerOptions> kinds(11);
    kinds[1].temperature = 0.8f;
    kinds[2].temperature = 0.8f;
    kinds[2].top_k = 20;
    kinds[3].temperature = 1;
    kinds[3].top_p = 0.9f;
    kinds[3].min_p = 0.05f;
    kinds[4].repeat_penalty = 1.3f;
    kinds[5].grammar = "root ::= .*";
    for (size_t kind = 6; kind < kinds.size(); ++kind) kinds[kind].temperature = 0.8f;
    kinds[6].typical_p = 0.5f;
    kinds[7].top_n_sigma = 1;
    kinds[8].xtc_probability = 1;
    kinds[8].xtc_threshold = 0.01f;
    kinds[9].dry.multiplier = 0.8f;
    kinds[10].mirostat = true;
    return kinds;
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
    const Token wanted = model->vocabulary().tokenize("maybe", false, false).front();
    logits[wanted] = 10;
    const Choice choice = choose(sampler, logits, 0);
    std::string piece;
    model->vocabulary().append_piece(choice.token, false, piece);
    CHECK((std::string("yes").starts_with(piece) || std::string("no").starts_with(piece)));
}

TEST_CASE("an invalid grammar is an error that says so") {
    const auto model = test_model();
    SamplerOptions options;
    options.grammar = "root ::= (";
    CHECK_THROWS_AS(Sampler(*model, options, {}), Error);
}

TEST_CASE("where no logit is a number nothing is chosen, whatever the options") {
    for (const SamplerOptions & options : all_kinds())
        for (const float value : {not_a_number, -not_a_number, -infinity, infinity})
            CHECK(failure(options, std::vector<float>(test_model()->vocabulary_size(), value)) ==
                  "DECODE_FAILED");
}

TEST_CASE("a logit that is NaN or -infinity is never chosen, wherever it stands") {
    const std::vector<float> good = random_logits(4);
    for (const float bad : {not_a_number, -infinity})
        for (const SamplerOptions & options : all_kinds()) {
            // The lanes and blocks of the search for the best: their first entries, and all but one token.
            std::vector<float> logits = good;
            for (size_t i = 0; i < logits.size(); i += 256) std::fill_n(logits.begin() + i, 8, bad);
            Sampler sampler(*test_model(), options, {});
            for (int position = 0; position < 20; ++position)
                CHECK(std::isfinite(logits[choose(sampler, logits, position).token]));
            std::fill(logits.begin(), logits.end(), bad);
            logits[700] = -5;
            CHECK(choose(sampler, logits, 1).token == 700);
            CHECK(choose(sampler, logits, 1).margin == infinity);
        }
}

TEST_CASE("an infinite logit is a failure of the model") {
    for (const SamplerOptions & options : all_kinds()) {
        std::vector<float> logits = random_logits(5);
        logits[30] = infinity;
        CHECK(failure(options, logits) == "DECODE_FAILED");
    }
}

TEST_CASE("biases that ban every token are the options' fault") {
    for (SamplerOptions options : all_kinds()) {
        for (Token token = 0; token < test_model()->vocabulary_size(); ++token)
            options.logit_bias.emplace_back(token, -infinity);
        if (options.grammar.empty()) CHECK(failure(options, random_logits(6)) == "OPTION_INVALID");
        Sampler sampler(*test_model(), options, {});
        // A grammar whose text is complete ends it.
        const std::vector<float> logits = random_logits(6);
        HostLogits rows = host_logits(logits);
        if (!options.grammar.empty()) CHECK_FALSE(sampler.choose({rows, 0}, rows.best(0), 0).has_value());
        options.logit_bias.erase(options.logit_bias.begin() + 70);
        Sampler one_left(*test_model(), options, {});
        CHECK(choose(one_left, logits, 0).token == 70);
    }
}

TEST_CASE("a grammar that no allowed token fits is an error") {
    SamplerOptions options;
    options.grammar = "root ::= [0-9]";
    for (Token token = 0; token < test_model()->vocabulary_size(); ++token) {
        std::string piece;
        test_model()->vocabulary().append_piece(token, true, piece);
        if (piece.find_first_of("0123456789") != std::string::npos)
            options.logit_bias.emplace_back(token, -infinity);
    }
    CHECK(failure(options, random_logits(7)) == "GRAMMAR_INVALID");
}

TEST_CASE("no bias is too large to count") {
    const std::vector<float> logits = random_logits(8);
    for (SamplerOptions options : all_kinds())
        for (const float bias : {1e3f, 1e9f, 1e38f, std::numeric_limits<float>::max()}) {
            // Of few and of many candidates, which llama.cpp sorts in two ways.
            for (const int top_k : {0, 20, 500}) {
                options.top_k = top_k;
                options.logit_bias = {{70, bias}, {best_of(logits), -bias}};
                if (options.grammar.empty()) options.repeat_penalty = 0.01f;
                Sampler sampler(*test_model(), options, {70, 70, 71});
                const Choice choice = choose(sampler, logits, 3);
                CHECK(choice.token == 70);
                CHECK(choice.margin > 0);
            }
        }
}

TEST_CASE("no temperature, however small, changes the best token or makes its margin no number") {
    for (const float temperature : {1e-3f, 1e-20f, 1e-38f, std::numeric_limits<float>::denorm_min()})
        for (int kind = 0; kind < 3; ++kind) {
            SamplerOptions options;
            options.temperature = temperature;
            options.top_k = kind == 1 ? 300 : 0;
            options.top_p = kind == 2 ? 0.5f : 1;
            options.logit_bias = {{9, 1e30f}};
            if (kind == 0) options.logit_bias.clear();
            Sampler sampler(*test_model(), options, {});
            const std::vector<float> logits = random_logits(10);
            const Choice choice = choose(sampler, logits, 0);
            CHECK(choice.token == (kind == 0 ? best_of(logits) : 9));
            CHECK(choice.margin > 0);
        }
}

TEST_CASE("extremes of the filters and penalties leave a token with a margin that is a number") {
    const std::vector<float> logits = random_logits(11);
    for (const float temperature : {1e-10f, 1.0f, 100.0f})
        for (const int top_k : {0, 1, 2, std::numeric_limits<int>::max()})
            for (const float top_p : {0.0f, 1e-30f, 1.0f})
                for (const float min_p : {0.0f, 1.0f})
                    for (const float penalty : {-100.0f, 0.0f, 100.0f}) {
                        SamplerOptions options;
                        options.temperature = temperature;
                        options.top_k = top_k;
                        options.top_p = top_p;
                        options.min_p = min_p;
                        options.frequency_penalty = options.presence_penalty = penalty;
                        options.repeat_penalty = penalty < 0 ? 0.01f : penalty > 0 ? 100.0f : 1.0f;
                        Sampler sampler(*test_model(), options, std::vector<Token>(2000, 5));
                        const Choice choice = choose(sampler, logits, 0);
                        CHECK(choice.token >= 0);
                        CHECK(choice.margin >= 0);
                        CHECK(choice.distance >= 0);
                    }
}

TEST_CASE("the distance of a token that the filters left alone is that to the best they took away") {
    std::vector<float> logits(test_model()->vocabulary_size(), -10.0f);
    logits[40] = 1.0f;
    logits[41] = 0.97f;
    SamplerOptions options;
    options.temperature = 0.5f;
    options.top_k = 1;
    Sampler sampler(*test_model(), options, {});
    CHECK(choose(sampler, logits, 0).margin == infinity);
    CHECK(choose(sampler, logits, 0).distance == doctest::Approx(0.03));
    options.logit_bias = {{41, 0.02f}};
    Sampler biased(*test_model(), options, {});
    CHECK(choose(biased, logits, 0).distance == doctest::Approx(0.01).epsilon(0.001));
}

TEST_CASE("at temperature 0 the best token is taken, whatever the filters") {
    for (SamplerOptions options : all_kinds()) {
        options.temperature = 0;
        if (options.grammar.empty() && options.repeat_penalty == 1) {
            Sampler sampler(*test_model(), options, {});
            for (int position = 0; position < 20; ++position) {
                const std::vector<float> logits = random_logits(position);
                CHECK(choose(sampler, logits, position).token == best_of(logits));
            }
        }
    }
}

TEST_CASE("Mirostat draws as without filters where its limit takes nothing away, and then moves it") {
    SamplerOptions options;
    options.temperature = 1;
    options.seed = 5;
    Sampler plain(*test_model(), options, {});
    options.mirostat = true;
    options.mirostat_tau = 100; // so high a limit that all tokens are left
    options.mirostat_eta = 1;
    options.top_k = 1; // is not applied
    Sampler sampler(*test_model(), options, {});
    CHECK(choose(sampler, random_logits(13), 0).token == choose(plain, random_logits(13), 0).token);
    CHECK(sampler.draw_rule().needs == DrawRule::Needs::whole);

    options.mirostat_tau = 1;
    Sampler low(*test_model(), options, {});
    // A choice that is not committed, as one that fails, moves nothing.
    const Choice first = choose(low, random_logits(14), 0);
    for (int i = 0; i < 5; ++i) CHECK(choose(low, random_logits(14), 0).token == first.token);
}

TEST_CASE("the distance of a sampled token is its margin in logits") {
    SamplerOptions options;
    options.temperature = 0.25f;
    Sampler sampler(*test_model(), options, {});
    for (int position = 0; position < 20; ++position) {
        const Choice choice = choose(sampler, random_logits(12), position);
        CHECK(choice.distance == doctest::Approx(choice.margin / 4));
    }
}
