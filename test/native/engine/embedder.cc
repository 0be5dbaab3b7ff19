#include "engine/embedder.h"

#include <cmath>
#include <memory>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "../support.h"
#include "engine/embedding_texts.h"

using namespace reprise;

namespace {

const std::atomic<bool> going_on = false;

/// The numbers of each token, from a plain pass of one text.
std::vector<std::vector<float>> of_tokens(const std::vector<Token> & tokens) {
    llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = 512;
    params.embeddings = true;
    params.pooling_type = LLAMA_POOLING_TYPE_NONE;
    const std::unique_ptr<llama_context, decltype(&llama_free)> context(
        llama_init_from_model(test_model()->handle(), params), llama_free);
    Batch batch;
    const llama_seq_id id = 0;
    for (size_t i = 0; i < tokens.size(); ++i)
        batch.add(tokens[i], static_cast<llama_pos>(i), std::span(&id, 1), true);
    REQUIRE(llama_decode(context.get(), batch.view()) == 0);
    const int width = llama_model_n_embd_out(test_model()->handle());
    std::vector<std::vector<float>> all;
    for (size_t i = 0; i < tokens.size(); ++i) {
        const float * const numbers = llama_get_embeddings_ith(context.get(), static_cast<int32_t>(i));
        all.emplace_back(numbers, numbers + width);
    }
    return all;
}

std::vector<float> mean_of(const std::vector<std::vector<float>> & all) {
    std::vector<float> mean(all[0].size());
    for (const auto & one : all)
        for (size_t i = 0; i < mean.size(); ++i) mean[i] += one[i] / static_cast<float>(all.size());
    return mean;
}

void check_near(const std::vector<float> & one, const std::vector<float> & other) {
    REQUIRE(one.size() == other.size());
    float most = 0;
    for (size_t i = 0; i < one.size(); ++i) most = std::max(most, std::abs(one[i] - other[i]));
    CHECK(most < 1e-3f);
}

std::vector<std::vector<Token>> texts() {
    std::vector<std::vector<Token>> all;
    for (const char * text : {"the cat sat on the mat", "a", "Mara found a red box near the market."})
        all.push_back(text_to_embed(*test_model(), text));
    return all;
}

} // namespace

TEST_CASE("embedder: what is pooled is the mean, the first or the last of a plain pass") {
    Embedder embedder(test_model().model);
    EmbedOptions options;
    options.normalize = false;
    for (const auto pooling : {LLAMA_POOLING_TYPE_UNSPECIFIED, LLAMA_POOLING_TYPE_MEAN,
                               LLAMA_POOLING_TYPE_CLS, LLAMA_POOLING_TYPE_LAST}) {
        options.pooling = pooling;
        const auto embeddings = embedder.embed(texts(), options, going_on);
        REQUIRE(embeddings.size() == 3);
        for (size_t i = 0; i < embeddings.size(); ++i) {
            const auto all = of_tokens(texts()[i]);
            check_near(embeddings[i], pooling == LLAMA_POOLING_TYPE_CLS    ? all.front()
                                      : pooling == LLAMA_POOLING_TYPE_LAST ? all.back()
                                                                           : mean_of(all));
        }
    }
}

TEST_CASE("embedder: where it is to stop or closed, it says so, and whoever waits, too") {
    Embedder embedder(test_model().model);
    const auto code = [&](const std::atomic<bool> & stop, const std::vector<std::vector<Token>> & given) {
        try {
            embedder.embed(given, {}, stop);
        } catch (const Error & error) {
            return std::string(name_of(error.code()));
        }
        return std::string();
    };
    CHECK(code(true, texts()) == "ABORTED");
    CHECK(code(going_on, texts()) == "");

    const std::vector<std::vector<Token>> many(20'000, std::vector<Token>(100, 300));
    std::atomic<bool> stop = false;
    std::string first, second;
    std::thread one([&] { first = code(stop, many); });
    std::thread other([&] { second = code(stop, many); });
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop = true;
    one.join();
    other.join();
    CHECK(first == "ABORTED");
    CHECK(second == "ABORTED");

    std::thread last([&] { first = code(going_on, many); });
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    embedder.close();
    last.join();
    CHECK(first == "DISPOSED");
    CHECK(code(going_on, texts()) == "DISPOSED");
}

TEST_CASE("embedder: texts that it cannot take are errors that name them") {
    Embedder embedder(test_model().model);
    EmbedOptions options;
    const std::vector<Token> long_text(embedder.max_length() + 1, 300);
    CHECK_THROWS_WITH_AS(embedder.embed({{300}, {}}, options, going_on), doctest::Contains("Text 1"), Error);
    CHECK_THROWS_WITH_AS(embedder.embed({{300}, long_text}, options, going_on), doctest::Contains("Text 1"),
                         Error);
    options.truncate = true;
    CHECK(embedder.embed({long_text}, options, going_on).size() == 1);
    CHECK_THROWS_WITH_AS(embedder.rank({{300}}, options, going_on), doctest::Contains("rank documents"),
                         Error);
}
