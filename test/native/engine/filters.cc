#include "engine/filters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace reprise;

namespace {

std::vector<float> random_logits(std::mt19937 & random, size_t count, float deviation) {
    std::normal_distribution<float> normal(0, deviation);
    std::vector<float> logits(count);
    for (float & logit : logits) logit = normal(random);
    return logits;
}

std::vector<llama_token_data> tokens_of(const std::vector<float> & logits) {
    std::vector<llama_token_data> tokens;
    for (size_t i = 0; i < logits.size(); ++i) tokens.push_back({static_cast<llama_token>(i), logits[i], 0});
    return tokens;
}

/// The tokens that are left, in the order of their ids. Those at -infinity are gone, too.
template <typename Apply> std::vector<llama_token> left_by(const std::vector<float> & logits, Apply apply) {
    std::vector<llama_token_data> tokens = tokens_of(logits);
    llama_token_data_array array{tokens.data(), tokens.size(), -1, false};
    apply(array);
    std::vector<llama_token> left;
    for (size_t i = 0; i < array.size; ++i)
        if (std::isfinite(array.data[i].logit)) left.push_back(array.data[i].id);
    std::sort(left.begin(), left.end());
    return left;
}

std::vector<llama_token> filtered(const std::vector<float> & logits, const FilterOptions & options,
                                  int64_t position = 0, uint64_t seed = 0) {
    Filters filters(options, seed);
    return left_by(logits, [&](llama_token_data_array & array) { filters.apply(array, position); });
}

/// By llama.cpp's chain, in the order of its common_sampler_init. What top-n-sigma takes away it leaves in
/// the array at -infinity, where typical-p would see a probability of 0 and make an entropy that is no
/// number.
std::vector<llama_token> filtered_by_llama(const std::vector<float> & logits, const FilterOptions & options) {
    const LlamaSampler top_n_sigma(llama_sampler_init_top_n_sigma(options.top_n_sigma));
    const LlamaSampler chain(llama_sampler_chain_init(llama_sampler_chain_default_params()));
    for (llama_sampler * one :
         {llama_sampler_init_top_k(options.top_k), llama_sampler_init_typical(options.typical_p, 1),
          llama_sampler_init_top_p(options.top_p, 1), llama_sampler_init_min_p(options.min_p, 1),
          llama_sampler_init_xtc(options.xtc_probability, options.xtc_threshold, 1, 0)})
        llama_sampler_chain_add(chain.get(), one);
    return left_by(logits, [&](llama_token_data_array & array) {
        llama_sampler_apply(top_n_sigma.get(), &array);
        const auto gone = [](const llama_token_data & one) { return !std::isfinite(one.logit); };
        array.size = std::remove_if(array.data, array.data + array.size, gone) - array.data;
        llama_sampler_apply(chain.get(), &array);
    });
}

} // namespace

TEST_CASE("filters: they leave the tokens that llama.cpp's chain leaves, one by one and all together") {
    std::mt19937 random(1);
    std::vector<FilterOptions> all(9);
    all[1].top_n_sigma = 1.5f;
    all[2].typical_p = 0.7f;
    all[3].typical_p = 0.2f;
    all[4].xtc_probability = 1;
    all[4].xtc_threshold = 0.02f;
    all[5].top_n_sigma = 2;
    all[5].top_k = 50;
    all[6].top_k = 30;
    all[6].typical_p = 0.9f;
    all[7].top_p = 0.9f;
    all[7].min_p = 0.05f;
    all[7].xtc_probability = 1;
    all[8] = {2.5f, 100, 0.95f, 0.9f, 0.01f, 1, 0.05f};
    for (int round = 0; round < 200; ++round) {
        const auto logits = random_logits(random, 2 + random() % 3'000, 0.5f + static_cast<float>(round % 8));
        for (const FilterOptions & options : all) {
            const auto left = filtered(logits, options);
            CHECK(left == filtered_by_llama(logits, options));
            CHECK_FALSE(left.empty());
        }
    }
}

TEST_CASE("filters: typical-p leaves the most typical where llama.cpp's own sees a probability of 0") {
    std::vector<float> logits(100, -200.f);
    for (int i = 0; i < 10; ++i) logits[i] = 0.1f * static_cast<float>(i);
    FilterOptions options;
    options.typical_p = 0.5f;
    const std::vector<float> likely(logits.begin(), logits.begin() + 10);
    CHECK(filtered(logits, options) == filtered_by_llama(likely, options));
}

TEST_CASE("filters: XTC excludes at its share of the positions, which the seed decides") {
    std::mt19937 random(2);
    const auto logits = random_logits(random, 50, 1);
    FilterOptions options;
    options.xtc_threshold = 0.03f;
    const size_t count = logits.size();
    for (const float probability : {0.f, 0.3f, 1.f}) {
        options.xtc_probability = probability;
        constexpr int positions = 10'000;
        int excluded = 0, differ = 0;
        for (int position = 0; position < positions; ++position) {
            const bool is_excluded = filtered(logits, options, position, 1).size() < count;
            excluded += is_excluded;
            CHECK(is_excluded == (filtered(logits, options, position, 1).size() < count));
            differ += is_excluded != (filtered(logits, options, position, 2).size() < count);
        }
        // Four standard deviations.
        const float deviation = std::sqrt(positions * probability * (1 - probability));
        CHECK(std::abs(static_cast<float>(excluded) - positions * probability) <= 4 * deviation);
        CHECK((differ > 0) == (probability > 0 && probability < 1));
    }
}

TEST_CASE("filters: at any limit a token is left, whatever the logits") {
    std::mt19937 random(3);
    constexpr float lowest = -std::numeric_limits<float>::infinity();
    std::vector<std::vector<float>> all{random_logits(random, 500, 3), std::vector<float>(300, 1.f), {2.f}};
    all.push_back(std::vector<float>(200, lowest));
    all.back()[90] = 3;
    all.push_back({1e8f, -1e8f, 1e8f, 0, 3});
    for (const auto & logits : all)
        for (const float top_n_sigma : {0.f, 1e-30f, 100.f})
            for (const int top_k : {0, 1, 1'000})
                for (const float typical_p : {0.f, 0.5f, 1.f})
                    for (const float top_p : {0.f, 1.f})
                        for (const float xtc_threshold : {0.f, 0.5f, 1.f}) {
                            const FilterOptions options{top_n_sigma, top_k, typical_p,    top_p,
                                                        0.5f,        1,     xtc_threshold};
                            CHECK_FALSE(filtered(logits, options).empty());
                        }
}

TEST_CASE("filters: they say what they need") {
    FilterOptions options;
    CHECK(Filters(options, 0).are_off());
    options.xtc_probability = 1;
    options.xtc_threshold = 0.6f;
    CHECK(Filters(options, 0).are_off());
    options.xtc_threshold = 0.5f;
    CHECK_FALSE(Filters(options, 0).are_off());
    CHECK(Filters(options, 0).need_all());
    options.top_k = 10;
    CHECK_FALSE(Filters(options, 0).need_all());
    CHECK(Filters(options, 0).depend_on_order());
    options.top_n_sigma = 1;
    CHECK(Filters(options, 0).need_all());
}
