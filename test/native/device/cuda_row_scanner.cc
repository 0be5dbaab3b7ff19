// The kernels against the host, where there is a device. scripts/gpu/compile.sh sees that they compile.
#ifdef REPRISE_HAS_CUDA

#include "device/cuda_row_scanner.h"

#include <cstring>
#include <random>

#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include "../plain_draw.h"
#include "cuda_cases.h"
#include "device/cuda_memory.h"
#include "device/cuda_presence.h"
#include "device/noise.h"
#include "engine/gumbel_max.h"
#include "random_logits.h"
#include "row_scan_twin.h"

using namespace reprise;
using namespace reprise::device;

namespace {

/// A pass of random rows: trees of any shape, each drawn from in its own way.
struct RandomPass {
    std::vector<std::vector<float>> rows;
    std::vector<float> logits;
    std::vector<int> depths; ///< by row
    ScanRequest request;
    uint64_t seed;

    RandomPass(RandomLogits & random, int vocabulary_size) : seed(random.word()) {
        const int trees = 1 + random.below(3);
        for (int t = 0; t < trees; ++t) {
            TreeRequest tree;
            tree.first_request = static_cast<int32_t>(request.rows.size());
            tree.first_node = static_cast<int32_t>(request.tokens.size());
            tree.nodes = random.below(20);
            RowRequest row;
            row.draw = static_cast<RowDraw>(random.below(3));
            row.temperature = static_cast<float>(random.power_of_ten(-2, 1));
            row.log_min_p = random.below(3) == 0 ? std::log(0.1f) : device::lowest;
            row.top_k = 1 + random.below(most_kept);
            for (int node = -1; node < tree.nodes; ++node) {
                int depth = 0;
                if (node >= 0) {
                    const int parent = random.below(node + 1) - 1;
                    request.parents.push_back(parent);
                    // Tokens of one parent are distinct, since they are of all.
                    request.tokens.push_back(node % vocabulary_size);
                    depth = depths[tree.first_request + 1 + parent] + 1;
                    // Some nodes stand out in the row of their parent, so that walks are long.
                    if (random.below(2) == 0) rows[tree.first_request + 1 + parent][node] += 300;
                }
                depths.push_back(depth);
                row.key = noise_key(seed, depth);
                request.rows.push_back(row);
                rows.push_back(random.row(vocabulary_size));
            }
            request.trees.push_back(tree);
        }
        for (const auto & row : rows) logits.insert(logits.end(), row.begin(), row.end());
    }
};

bool same_bits(const void * one, const void * other, size_t bytes) {
    return std::memcmp(one, other, bytes) == 0;
}

void check_draw(const Kept & kept, const std::vector<float> & row, const RowRequest & request, uint64_t seed,
                int depth) {
    std::vector<float> left = row;
    float highest = device::lowest;
    for (const float logit : row) highest = logit > highest ? logit : highest;
    for (float & logit : left)
        if (logit < highest + request.log_min_p) logit = device::lowest;
    const PlainDraw expected = plain_draw(left, seed, depth, request.temperature);
    GumbelMax draw(seed, depth, request.temperature);
    for (int i = 0; i < kept.count; ++i) draw.offer(kept.tokens[i].token, kept.tokens[i].logit);
    const double margin = draw.margin();
    REQUIRE(draw.best_token() == expected.token);
    REQUIRE(same_bits(&margin, &expected.margin, sizeof margin));
}

} // namespace

TEST_CASE("cuda: what the kernels give is what the twin gives, and draws are those of the host") {
    if (cuda_presence().devices == 0) {
        MESSAGE("skipped: there is no CUDA device");
        return;
    }
    const uint64_t seed = std::random_device()();
    CAPTURE(seed);
    RandomLogits random(seed);
    RowScanTwin twin;
    DeviceBuffer<float> memory;
    std::unique_ptr<RowScanner> scanner;
    int rows = 0, unknown = 0, walked = 0, walked_by_twin = 0;
    const int cases = cuda_cases(100'000);
    while (rows < cases) {
        const int vocabulary_size = random.below(400) == 0 ? 151'936 : 20 + random.size();
        const RandomPass pass(random, vocabulary_size);
        memory.reserve(pass.logits.size());
        require_success(cudaMemcpy(memory.data(), pass.logits.data(), pass.logits.size() * sizeof(float),
                                   cudaMemcpyHostToDevice),
                        "copy logits");
        if (!scanner) scanner = cuda_row_scanner(memory.data());
        REQUIRE(scanner);
        const Scan & scan = scanner->scan(memory.data(), vocabulary_size, pass.request);
        const Scan & expected = twin.scan(pass.logits.data(), vocabulary_size, pass.request);
        for (size_t i = 0; i < pass.rows.size(); ++i) {
            ++rows;
            REQUIRE(same_bits(&scan.best[i], &expected.best[i], sizeof(Best)));
            const RowRequest & request = pass.request.rows[i];
            if (request.draw == RowDraw::highest) continue;
            const Kept & kept = scanner->kept(static_cast<int>(i));
            const Kept & known = twin.kept(static_cast<int>(i));
            if (request.draw == RowDraw::top_k) {
                REQUIRE(kept.count == known.count);
                if (kept.count > 0)
                    REQUIRE(same_bits(kept.tokens, known.tokens, kept.count * sizeof(Ranked)));
            } else if (kept.count == Kept::unknown) {
                ++unknown;
            } else {
                check_draw(kept, pass.rows[i], request, pass.seed, pass.depths[i]);
            }
        }
        for (size_t t = 0; t < pass.request.trees.size(); ++t) {
            // Where a draw is nearly too close to tell, one of the two may go on.
            const size_t length = std::min(scan.paths[t].size(), expected.paths[t].size());
            walked += static_cast<int>(length);
            walked_by_twin += static_cast<int>(expected.paths[t].size());
            REQUIRE(std::equal(scan.paths[t].begin(), scan.paths[t].begin() + static_cast<int>(length),
                               expected.paths[t].begin()));
        }
    }
    CHECK(walked > cases / 50);
    CHECK(walked > 0.99 * walked_by_twin);
    CHECK(unknown < rows / 50);
}

TEST_CASE("cuda: rows in host memory have no scanner") {
    const float logits[4] = {};
    CHECK(cuda_row_scanner(logits) == nullptr);
}

#endif
