#include "engine/top_p.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <random>

#include <doctest/doctest.h>

using namespace reprise;

namespace {

std::vector<llama_token_data> tokens_of(const std::vector<float> & logits) {
    std::vector<llama_token_data> tokens;
    for (size_t i = 0; i < logits.size(); ++i) tokens.push_back({static_cast<llama_token>(i), logits[i], 0});
    return tokens;
}

std::vector<llama_token_data> cut(std::vector<llama_token_data> tokens, float share, bool sorted = false) {
    llama_token_data_array array{tokens.data(), tokens.size(), -1, sorted};
    TopP(share).apply(array);
    CHECK(array.sorted);
    return {array.data, array.data + array.size};
}

/// What llama.cpp's sampler leaves.
std::vector<llama_token_data> cut_by_llama(std::vector<llama_token_data> tokens, float share, bool sorted) {
    const std::unique_ptr<llama_sampler, decltype(&llama_sampler_free)> sampler(
        llama_sampler_init_top_p(share, 1), llama_sampler_free);
    llama_token_data_array array{tokens.data(), tokens.size(), -1, sorted};
    llama_sampler_apply(sampler.get(), &array);
    return {array.data, array.data + array.size};
}

} // namespace

TEST_CASE("top-p: it keeps the tokens that llama.cpp's sampler keeps, with the same probabilities") {
    std::mt19937 random(3);
    for (int i = 0; i < 400; ++i) {
        std::normal_distribution<float> normal(i % 3 == 0 ? -40.f : 0.f, std::pow(2.f, i % 9 - 5.f));
        std::vector<float> logits(1 + random() % (i % 40 == 0 ? 150'000 : 3'000));
        for (float & logit : logits) logit = normal(random);
        auto tokens = tokens_of(logits);
        const bool sorted = i % 5 == 0;
        const auto by_logit = [](const auto & a, const auto & b) { return a.logit > b.logit; };
        if (sorted) std::sort(tokens.begin(), tokens.end(), by_logit);
        for (const float share : {0.f, 0.3f, 0.9f, 0.999f}) {
            const auto kept = cut(tokens, share, sorted);
            const auto expected = cut_by_llama(tokens, share, sorted);
            REQUIRE(kept.size() == expected.size());
            CHECK(std::is_sorted(kept.begin(), kept.end(), by_logit));
            bool is_same = true;
            for (size_t at = 0; at < kept.size(); ++at)
                is_same = is_same && kept[at].logit == expected[at].logit && kept[at].p == expected[at].p;
            REQUIRE(is_same);
        }
    }
}

TEST_CASE("top-p: of equal tokens at the cut the first are kept") {
    for (const size_t size : {10u, 1'000u}) {
        const auto kept = cut(tokens_of(std::vector<float>(size, 1.5f)), 0.45f);
        CHECK(kept.size() > size / 3);
        for (size_t i = 0; i < kept.size(); ++i) CHECK(kept[i].id == static_cast<llama_token>(i));
    }
}

TEST_CASE("top-p: a share that rounded probabilities do not reach keeps all tokens") {
    const auto tokens = tokens_of(std::vector<float>(100'000, 0.f));
    CHECK(cut(tokens, 0.99999994f).size() > 99'000);
}

TEST_CASE("top-p: logits of any size are sorted, the lowest last") {
    const auto kept = cut(tokens_of({-3e38f, 0.f, 3e38f, -0.f, 1e-40f, -1e-40f}), 0.9999f);
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].id == 2);
}

TEST_CASE("top-p: logits that are infinite or no numbers do no harm") {
    const float infinity = std::numeric_limits<float>::infinity();
    for (const float odd : {infinity, -infinity, std::numeric_limits<float>::quiet_NaN()})
        for (const size_t size : {3u, 5'000u}) {
            std::vector<float> logits(size, odd);
            CHECK(cut(tokens_of(logits), 0.9f).size() <= size);
            logits[1] = 1;
            CHECK(cut(tokens_of(logits), 0.9f).size() <= size);
        }
}
