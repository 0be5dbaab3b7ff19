#include "draft/draft_tree.h"

#include <doctest/doctest.h>

using namespace reprise::draft;

namespace {
DraftNode node(Token token, int parent, int depth) {
    return {token, parent, depth, 0.5f, 0.5f, Source::prompt, CalibrationBucket{}};
}
// 10 ─ 20 ─ 30
//    └ 21
// 11
const DraftTree tree{{node(10, -1, 1), node(11, -1, 1), node(20, 0, 2), node(21, 0, 2), node(30, 2, 3)}};
} // namespace

TEST_CASE("draft tree: a leaf is a node without children") {
    CHECK(tree.leaves() == std::vector{1, 3, 4});
    CHECK(DraftTree{}.leaves().empty());
}

TEST_CASE("draft tree: a child is found below its own parent only") {
    CHECK(tree.child(-1, 11) == 1);
    CHECK(tree.child(0, 21) == 3);
    CHECK(tree.child(2, 30) == 4);
    CHECK(tree.child(-1, 20) == -1);
    CHECK(tree.child(1, 21) == -1);
}
