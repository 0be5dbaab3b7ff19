#include <doctest/doctest.h>

#include "draft/drafter.h"
#include "draft/replay.h"

#include <numeric>
#include <vector>

using namespace reprise::draft;

namespace {

std::vector<Token> ascending(Token from, int count) {
    std::vector<Token> tokens(count);
    std::iota(tokens.begin(), tokens.end(), from);
    return tokens;
}

void take(Drafter & drafter, const DraftLimits & limits) {
    drafter.begin(limits);
    while (drafter.peek() > 0) drafter.take();
}

/// The tokens on the path of first children.
std::vector<Token> first_path(const DraftTree & tree) {
    std::vector<Token> path;
    for (int i = 0, parent = -1; i < tree.size(); ++i)
        if (tree.nodes[i].parent == parent) {
            path.push_back(tree.nodes[i].token);
            parent = i;
        }
    return path;
}

/// 100…139, then 100…109 again, as a prompt.
Drafter repeating() {
    Drafter drafter;
    drafter.append(ascending(100, 40), Source::prompt);
    drafter.append(ascending(100, 10), Source::prompt);
    return drafter;
}

} // namespace

TEST_CASE("drafter: a chain goes on with what followed the longest match") {
    Drafter drafter = repeating();
    take(drafter, {.max_nodes = 8, .max_leaves = 1, .max_depth = 8, .chain = true, .fixed = true});
    CHECK(first_path(drafter.tree()) == ascending(110, 8));
    CHECK(drafter.tree().leaf_count() == 1);
    CHECK(drafter.tree().nodes.front().source == Source::prompt);
}

TEST_CASE("drafter: both continuations of an ambiguous match are siblings") {
    Drafter drafter;
    for (const Token next : {50, 60}) {
        drafter.append(ascending(1, 5), Source::prompt);
        drafter.append(std::vector<Token>{next}, Source::prompt);
    }
    drafter.append(ascending(1, 5), Source::prompt);
    take(drafter, {.max_nodes = 2, .max_leaves = 4, .max_depth = 1, .chain = false, .fixed = true});
    CHECK(drafter.tree().child(-1, 50) >= 0);
    CHECK(drafter.tree().child(-1, 60) >= 0);
}

TEST_CASE("drafter: no limit is exceeded") {
    for (const int leaves : {1, 2, 5}) {
        Drafter drafter;
        for (int i = 0; i < 30; ++i) {
            drafter.append(ascending(1, 3), Source::output);
            drafter.append(ascending(10 * i, 6), Source::output);
        }
        drafter.append(ascending(1, 3), Source::output);
        const DraftLimits limits{
            .max_nodes = 12, .max_leaves = leaves, .max_depth = 3, .chain = false, .fixed = true};
        take(drafter, limits);
        CHECK(drafter.tree().size() <= 12);
        CHECK(drafter.tree().leaf_count() <= leaves);
        for (const DraftNode & node : drafter.tree().nodes) CHECK(node.depth <= 3);
    }
}

TEST_CASE("drafter: nodes come in falling order of probability, parents first, siblings distinct") {
    Drafter drafter = repeating();
    take(drafter, {.max_nodes = 64, .max_leaves = 16, .max_depth = 64, .chain = false, .fixed = true});
    const auto & nodes = drafter.tree().nodes;
    REQUIRE(nodes.size() > 10);
    for (size_t i = 0; i < nodes.size(); ++i) {
        CHECK(nodes[i].parent < static_cast<int>(i));
        CHECK(nodes[i].depth == (nodes[i].parent < 0 ? 1 : nodes[nodes[i].parent].depth + 1));
        if (i > 0) CHECK(nodes[i].probability <= nodes[i - 1].probability);
        CHECK(drafter.tree().child(nodes[i].parent, nodes[i].token) == static_cast<int>(i));
    }
}

TEST_CASE("drafter: goes on with a document's text, and no longer once it is cleared") {
    Drafter drafter;
    drafter.add_document(ascending(200, 20), Source::prediction);
    drafter.append(ascending(200, 6), Source::output);
    take(drafter, {.max_nodes = 4, .max_leaves = 1, .max_depth = 4, .chain = true, .fixed = true});
    CHECK(first_path(drafter.tree()) == ascending(206, 4));
    CHECK(drafter.tree().nodes.front().source == Source::prediction);
    drafter.clear_documents(Source::prediction);
    take(drafter, {.max_nodes = 4, .max_leaves = 1, .max_depth = 4, .chain = true, .fixed = true});
    CHECK(drafter.tree().child(-1, 206) < 0);
}

TEST_CASE("drafter: a match goes on after a token was replaced") {
    Drafter drafter;
    drafter.append(ascending(100, 40), Source::prompt);
    drafter.append(ascending(100, 10), Source::output);
    drafter.append(std::vector<Token>{7}, Source::output);
    take(drafter, {.max_nodes = 12, .max_leaves = 8, .max_depth = 6, .chain = false, .fixed = true});
    CHECK(drafter.tree().child(-1, 111) >= 0);
}

TEST_CASE("drafter: drafts stop where an answer ended") {
    Drafter drafter;
    drafter.append(ascending(1, 3), Source::prompt);
    drafter.append(ascending(100, 10), Source::output);
    drafter.append(ascending(1, 3), Source::prompt);
    drafter.append(ascending(100, 5), Source::output);
    take(drafter, {.max_nodes = 64, .max_leaves = 1, .max_depth = 64, .chain = true, .fixed = true});
    const auto path = first_path(drafter.tree());
    CHECK(path == ascending(105, 5));
}

TEST_CASE("drafter: truncating and saying the same again drafts the same") {
    Drafter once = repeating(), again = repeating();
    again.append(ascending(500, 30), Source::prompt);
    again.truncate(50);
    const DraftLimits limits{
        .max_nodes = 16, .max_leaves = 4, .max_depth = 16, .chain = false, .fixed = true};
    take(once, limits);
    take(again, limits);
    REQUIRE(once.tree().size() == again.tree().size());
    for (int i = 0; i < once.tree().size(); ++i) {
        CHECK(once.tree().nodes[i].token == again.tree().nodes[i].token);
        CHECK(once.tree().nodes[i].probability == again.tree().nodes[i].probability);
    }
}

TEST_CASE("drafter: a copy goes its own way") {
    Drafter parent = repeating();
    Drafter child = parent;
    child.append(ascending(110, 5), Source::output);
    CHECK(parent.length() == 50);
    take(child, {.max_nodes = 1, .max_leaves = 1, .max_depth = 1, .chain = true, .fixed = true});
    take(parent, {.max_nodes = 1, .max_leaves = 1, .max_depth = 1, .chain = true, .fixed = true});
    CHECK(child.tree().nodes.front().token == 115);
    CHECK(parent.tree().nodes.front().token == 110);
}

TEST_CASE("drafter: what the model ranked highest after a token is drafted where nothing matches") {
    Drafter drafter;
    drafter.append(ascending(1, 10), Source::prompt);
    drafter.recycle(10, std::vector<Token>{77, 78});
    take(drafter, {.max_nodes = 4, .max_leaves = 4, .max_depth = 1, .chain = false, .fixed = true});
    const int best = drafter.tree().child(-1, 77);
    REQUIRE(best >= 0);
    CHECK(drafter.tree().nodes[best].source == Source::recycled);
    CHECK(drafter.tree().child(-1, 78) > best);
}

TEST_CASE("replay: passes commit exactly the recorded answer") {
    Drafter drafter = repeating();
    const std::vector<Token> truth = ascending(110, 30);
    int committed = 0, passes = 0;
    while (committed < 30) {
        const ReplayStep step = replay_step(drafter, truth, committed, 0.02);
        CHECK(step.accepted <= step.drafted);
        committed += step.accepted + 1;
        ++passes;
    }
    CHECK(committed == 30);
    CHECK(drafter.length() == 80);
    CHECK(passes < 15);
}
