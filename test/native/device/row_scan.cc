#include "device/row_scan.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

#include <doctest/doctest.h>

#include "../plain_draw.h"
#include "device/noise.h"
#include "device/walk.h"
#include "engine/gumbel_max.h"
#include "engine/top_logits.h"
#include "random_logits.h"
#include "row_scan_twin.h"

using namespace reprise;
using namespace reprise::device;
using draft::Token;

namespace {

// The sanitizers take ten times as long.
#ifdef __SANITIZE_ADDRESS__
constexpr int cases = 10'000;
#else
constexpr int cases = 100'000;
#endif

ScanRequest one_row(const RowRequest & row) {
    ScanRequest request;
    request.rows = {row};
    request.trees = {TreeRequest{}};
    return request;
}

/// What llama.cpp's min-p leaves.
std::vector<float> after_min_p(std::vector<float> logits, float min_p) {
    if (min_p <= 0) return logits;
    float highest = device::lowest;
    for (const float logit : logits) highest = logit > highest ? logit : highest;
    for (float & logit : logits)
        if (logit < highest + std::log(min_p)) logit = device::lowest;
    return logits;
}

bool same_bits(double one, double other) {
    return std::memcmp(&one, &other, sizeof one) == 0;
}

} // namespace

TEST_CASE("row scan: the noise of single precision is as near to that of draws as its bound says") {
    const auto exact = [](uint64_t random) {
        const double uniform = (static_cast<double>(random) + 0.5) * 0x1.0p-53;
        return -std::log(-std::log(uniform));
    };
    constexpr uint64_t end = uint64_t{1} << 53;
    double worst = 0;
    const auto check = [&](uint64_t random) {
        const double error = std::abs(approximate_noise(random) - exact(random));
        worst = std::max(worst, error);
        REQUIRE(exact(random) < device::max_noise);
        REQUIRE(exact(random) > min_noise);
    };
    RandomLogits random(1);
    for (int i = 0; i < 10 * cases; ++i) {
        // All magnitudes of the distance to both ends, and to the half where the formula changes.
        const uint64_t offset = (random.word() >> 11) >> random.below(53);
        check(offset);
        if (offset > 0) check(end - 1 - offset);
        check((end / 2 + offset / 2) % (end - 1));
        check(end / 2 - 1 - offset / 2);
    }
    for (uint64_t i = 0; i < 1000; ++i) check(i), check(end - 2 - i), check(end / 2 - i), check(end / 2 + i);
    CHECK(worst < noise_error);
    CHECK(std::isinf(approximate_noise(end - 1)));
    CHECK(std::isinf(exact(end - 1)));
}

TEST_CASE("row scan: the best of a row are those that the host finds") {
    RandomLogits random(2);
    RowScanTwin twin;
    for (int i = 0; i < cases; ++i) {
        const int size = i % 20'000 == 1 ? 151'936 : random.size();
        const std::vector<float> logits = random.row(size);
        const TopLogits expected = top_logits(logits.data(), size);
        const Best & best = twin.scan(logits.data(), size, one_row({})).best[0];
        for (int rank = 0; rank < Best::width; ++rank) {
            REQUIRE(best.at[rank].token == expected[rank].token);
            REQUIRE(best.at[rank].logit == expected[rank].logit);
        }
    }
}

TEST_CASE("row scan: a draw from what the sieve keeps has the token and margin of one from the whole row") {
    RandomLogits random(3);
    RowScanTwin twin;
    int unknown = 0, usual = 0, unknown_of_usual = 0;
    for (int i = 0; i < cases; ++i) {
        const int size = i % 20'000 == 1 ? 151'936 : random.size();
        const std::vector<float> logits = random.row(size);
        RowRequest row;
        row.draw = RowDraw::noised;
        row.temperature = static_cast<float>(random.below(10) == 0 ? random.power_of_ten(-30, 30)
                                                                   : random.power_of_ten(-2, 1));
        const uint64_t seed = random.word();
        row.key = noise_key(seed, i);
        const float min_p = random.below(3) == 0 ? static_cast<float>(random.power_of_ten(-4, 0)) : 0;
        if (min_p > 0) row.log_min_p = std::log(min_p);
        const Best & best = twin.scan(logits.data(), size, one_row(row)).best[0];
        if (!(best.at[0].logit > device::lowest)) continue;
        const Kept & kept = twin.kept(0);
        const bool is_usual = row.temperature > 0.01f;
        usual += is_usual;
        if (kept.count == Kept::unknown) {
            ++unknown;
            unknown_of_usual += is_usual;
            continue;
        }
        REQUIRE(kept.count <= most_kept);
        const std::vector<float> left = after_min_p(logits, min_p);
        const PlainDraw expected = plain_draw(left, seed, i, row.temperature);
        GumbelMax draw(seed, i, row.temperature);
        for (int at = 0; at < kept.count; ++at) {
            const auto [token, logit] = kept.tokens[at];
            REQUIRE(logit == logits[token]);
            REQUIRE((at == 0 || kept.tokens[at - 1].token < token));
            REQUIRE(left[token] == logit); // Nothing is kept that min-p takes away.
            draw.offer(token, logit);
        }
        REQUIRE(draw.best_token() == expected.token);
        REQUIRE(same_bits(draw.margin(), expected.margin));
    }
    CHECK(unknown < cases / 20);
    CHECK(unknown_of_usual < usual / 1000);
}

TEST_CASE("row scan: top-k keeps the highest, and leaves rows to the host where the cut parts equal ones") {
    RandomLogits random(4);
    RowScanTwin twin;
    int known = 0;
    for (int i = 0; i < cases; ++i) {
        const int size = i % 50'000 == 1 ? 151'936 : random.size();
        std::vector<float> logits = random.row(size);
        RowRequest row;
        row.draw = RowDraw::top_k;
        row.top_k = 1 + random.below(random.below(2) == 0 ? 8 : most_kept);
        twin.scan(logits.data(), size, one_row(row));
        const Kept & kept = twin.kept(0);

        std::vector<Token> order;
        for (Token token = 0; token < size; ++token)
            if (logits[token] > device::lowest) order.push_back(token);
        const bool enough = static_cast<int>(order.size()) >= row.top_k;
        const auto higher = [&](Token a, Token b) { return logits[a] > logits[b]; };
        std::stable_sort(order.begin(), order.end(), higher);
        const bool parts_equal = enough && static_cast<int>(order.size()) > row.top_k &&
                                 logits[order[row.top_k - 1]] == logits[order[row.top_k]];
        if (!enough || parts_equal) {
            REQUIRE(kept.count == Kept::unknown);
            continue;
        }
        ++known;
        REQUIRE(kept.count == row.top_k);
        order.resize(row.top_k);
        std::sort(order.begin(), order.end());
        for (int at = 0; at < kept.count; ++at) {
            REQUIRE(kept.tokens[at].token == order[at]);
            REQUIRE(kept.tokens[at].logit == logits[order[at]]);
        }
    }
    CHECK(known > cases / 5);
}

TEST_CASE("row scan: the walk goes where the draws lead, and ends where one is too close to tell") {
    RandomLogits random(5);
    RowScanTwin twin;
    constexpr int vocabulary = 12;
    int nodes_walked = 0, undecided = 0;
    for (int i = 0; i < cases; ++i) {
        ScanRequest request;
        std::vector<float> logits;
        const uint64_t seed = random.word();
        const int trees = 1 + random.below(2);
        std::vector<int> depths; // by row
        for (int t = 0; t < trees; ++t) {
            TreeRequest tree;
            tree.first_request = static_cast<int32_t>(request.rows.size());
            tree.first_node = static_cast<int32_t>(request.tokens.size());
            const int wanted = random.below(i % 50 == 0 ? 64 : 9);
            const bool greedy = random.below(2) == 0;
            const float temperature = static_cast<float>(random.power_of_ten(-1.5, 0.5));
            const auto add_row = [&](int depth) {
                RowRequest row;
                row.draw = greedy ? RowDraw::highest : RowDraw::noised;
                row.temperature = temperature;
                row.key = noise_key(seed, depth);
                depths.push_back(depth);
                request.rows.push_back(row);
                const std::vector<float> one = random.row(vocabulary);
                logits.insert(logits.end(), one.begin(), one.end());
            };
            add_row(0);
            for (int node = 0; node < wanted; ++node) {
                const int parent = random.below(tree.nodes + 1) - 1;
                const auto holds = [&](Token token) {
                    for (int other = 0; other < tree.nodes; ++other)
                        if (is_next(request.parents[tree.first_node + other],
                                    request.tokens[tree.first_node + other], parent, token))
                            return true;
                    return false;
                };
                // Half of the nodes hold what their parent's row is likely to give.
                const int parent_row = tree.first_request + 1 + parent;
                const float * const parent_logits = logits.data() + parent_row * vocabulary;
                const TopLogits top = top_logits(parent_logits, vocabulary);
                Token token = random.below(2) == 0 ? top[random.below(2)].token : random.below(vocabulary);
                if (holds(token)) continue;
                request.parents.push_back(parent);
                request.tokens.push_back(token);
                ++tree.nodes;
                add_row(depths[parent_row] + 1);
            }
            request.trees.push_back(tree);
        }
        const Scan & scan = twin.scan(logits.data(), vocabulary, request);
        for (int t = 0; t < trees; ++t) {
            const TreeRequest & tree = request.trees[t];
            int at = -1;
            size_t length = 0;
            while (true) {
                const int index = tree.first_request + 1 + at;
                const RowRequest & row = request.rows[index];
                const std::vector<float> own(logits.begin() + index * vocabulary,
                                             logits.begin() + (index + 1) * vocabulary);
                const TopLogits top = top_logits(own.data(), vocabulary);
                if (!(top[0].logit > device::lowest)) break;
                PlainDraw draw{top[0].token, 1};
                if (row.draw == RowDraw::noised) draw = plain_draw(own, seed, depths[index], row.temperature);
                int next = -1;
                for (int node = 0; node < tree.nodes; ++node)
                    if (request.parents[tree.first_node + node] == at &&
                        request.tokens[tree.first_node + node] == draw.token)
                        next = node;
                if (length == scan.paths[t].size()) {
                    // The walk went as far as it goes, or a row was too close, or was not sieved.
                    if (next >= 0) {
                        ++undecided;
                        REQUIRE(row.draw == RowDraw::noised);
                        const bool is_close = draw.margin < 3e-4;
                        REQUIRE((is_close || twin.kept(index).count == Kept::unknown));
                    }
                    break;
                }
                REQUIRE(scan.paths[t][length] == next);
                ++length;
                at = next;
                ++nodes_walked;
            }
            REQUIRE(length == scan.paths[t].size());
        }
    }
    CHECK(nodes_walked > cases / 2);
    CHECK(undecided < nodes_walked / 20);
}
