#include <vector>

#include <doctest/doctest.h>

#include "../support.h"
#include "engine/tree_rows.h"

using namespace reprise;

namespace {

/// A tree of `nodes` nodes: a chain, and beside it children of the root until it has so many leaves.
draft::DraftTree tree_with(int nodes, int leaves) {
    draft::DraftTree tree;
    for (int i = 0; i < nodes; ++i) {
        draft::DraftNode node{};
        node.token = 100 + i;
        const bool in_chain = i <= nodes - leaves;
        node.parent = in_chain ? i - 1 : -1;
        node.depth = in_chain ? i + 1 : 1;
        tree.nodes.push_back(node);
    }
    return tree;
}

} // namespace

TEST_CASE("graph reuse: passes of one size repeat their graph, however many leaves their trees have") {
    ContextOptions options = test_context();
    SUBCASE("with logits in host memory") {
        options.device_logits = DeviceLogits::off;
    }
    SUBCASE("with logits on the device") {
        options.device_logits = DeviceLogits::on;
    }
    Context context(test_model().model, options, [] { return false; });
    Sequence sequence(context);
    sequence.append(1);
    const int passes = 200;
    for (int i = 0; i < passes; ++i) {
        const draft::DraftTree tree = tree_with(7, 2 + i % 4);
        Batch batch;
        const TreeRows rows(batch, sequence, tree);
        CHECK(batch.size() == 8);
        REQUIRE(context.decode(batch) == DecodeStatus::done);
        rows.keep_path(sequence, tree, -1);
        sequence.append(100 + i % 700);
    }
    CHECK(llama_perf_context(context.handle()).n_reused >= passes - 1);
}
