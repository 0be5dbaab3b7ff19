// What a draw takes on one core, by its options, from the random logits of a vocabulary as large as Qwen's.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <random>
#include <vector>

#include "../../test/native/plain_draw.h"
#include "engine/gumbel_max.h"
#include "engine/top_logits.h"
#include "engine/top_p.h"

using namespace reprise;

namespace {

constexpr int vocabulary_size = 152'064;
constexpr int draws = 200;
constexpr double temperature = 0.8;

double milliseconds() {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

double median_ms(const std::function<draft::Token(int)> & draw) {
    std::vector<double> times;
    for (int i = 0; i < draws; ++i) {
        const double start = milliseconds();
        const volatile draft::Token token = draw(i);
        (void)token;
        times.push_back(milliseconds() - start);
    }
    std::nth_element(times.begin(), times.begin() + draws / 2, times.end());
    return times[draws / 2];
}

} // namespace

int main() {
    std::printf("%-28s %10s %10s %10s\n", "ms a draw, by deviation", "0.5", "3", "8");
    std::vector<std::vector<float>> logits;
    for (const float deviation : {0.5f, 3.f, 8.f}) {
        std::mt19937 random(1);
        std::normal_distribution<float> normal(0, deviation);
        logits.emplace_back(vocabulary_size);
        for (float & logit : logits.back()) logit = normal(random);
    }
    const auto row = [&](const char * name, const auto & draw) {
        std::printf("%-28s", name);
        for (const auto & one : logits)
            std::printf(" %10.3f", median_ms([&](int i) { return draw(one, i); }));
        std::printf("\n");
    };
    row("all tokens, by definition",
        [](const std::vector<float> & logits, int i) { return plain_draw(logits, 1, i, temperature).token; });
    row("all tokens", [](const std::vector<float> & logits, int i) {
        const TopLogits top = top_logits(logits.data(), vocabulary_size);
        GumbelMax draw(1, i, temperature);
        draw.expect(top[0].token, top[0].logit, top[1].token, top[1].logit);
        for (draft::Token token = 0; token < vocabulary_size; ++token) draw.offer(token, logits[token]);
        return draw.best_token();
    });
    std::vector<llama_token_data> candidates(vocabulary_size);
    TopP top_p(0.9f);
    row("top-p 0.9", [&](const std::vector<float> & logits, int i) {
        for (draft::Token token = 0; token < vocabulary_size; ++token)
            candidates[token] = {token, logits[token], 0};
        llama_token_data_array array{candidates.data(), candidates.size(), -1, false};
        top_p.apply(array);
        GumbelMax draw(1, i, temperature);
        for (size_t at = 0; at < array.size; ++at) draw.offer(array.data[at].id, array.data[at].logit);
        return draw.best_token();
    });
}
