#include "draft/draft_model.h"

#include <vector>

#include <doctest/doctest.h>

#include "ascending.h"
#include "draft/drafter.h"
#include "draft/plan.h"
#include "draft/replay.h"
#include "known_text.h"

using namespace reprise::draft;

namespace {

std::vector<Token> joined(std::vector<Token> first, const std::vector<Token> & second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

constexpr DraftLimits fixed{.max_nodes = 8, .max_leaves = 4, .max_depth = 16, .fixed = true};

void grow(Drafter & drafter, DraftModel & model, DraftLimits limits = fixed) {
    drafter.begin(limits, nullptr, &model);
    while (drafter.peek() > 0) drafter.take();
}

/// A text whose end has been said before, and then went on with ascending tokens.
Drafter copying() {
    Drafter drafter;
    drafter.append(ascending(100, 60), Source::prompt);
    drafter.append(ascending(100, 20), Source::output);
    return drafter;
}

} // namespace

TEST_CASE("draft model: the tree goes on with what it says where nothing was said before") {
    Drafter drafter;
    drafter.append(ascending(1, 10), Source::prompt);
    KnownText model(ascending(1, 30), 0.95f);
    grow(drafter, model);
    CHECK(drafter.tree().size() == 8);
    int node = -1;
    for (Token token = 11; token < 15; ++token) {
        node = drafter.tree().child(node, token);
        REQUIRE(node >= 0);
        CHECK(drafter.tree().nodes[node].source == Source::draft_model);
    }
}

TEST_CASE("draft model: one tree has a copy and what the model says instead") {
    Drafter drafter = copying();
    // Of what was said before, 120 comes next.
    KnownText other(joined(joined(ascending(100, 60), ascending(100, 20)), {777, 778, 779}), 0.6f);
    DraftLimits limits = fixed;
    limits.max_depth = 2;
    // A sure copy leaves it nothing to gain, so it is made unsure.
    for (int i = 0; i < 30; ++i) {
        drafter.begin(limits, nullptr, &other);
        while (drafter.peek() > 0) drafter.take();
        drafter.learn(std::vector<Token>{555});
    }
    grow(drafter, other, limits);
    CHECK(drafter.tree().child(-1, 120) >= 0);
    const int proposed = drafter.tree().child(-1, 777);
    REQUIRE(proposed >= 0);
    CHECK(drafter.tree().nodes[proposed].source == Source::draft_model);
}

TEST_CASE("draft model: agreement makes a copy more probable, contradiction less") {
    const Acceptance acceptance(Network::shipped());
    for (const double copied : {0.1, 0.5, 0.9}) {
        CHECK(acceptance.agreed(copied, 0.98) > copied);
        CHECK(acceptance.agreed(copied, 0.01) < acceptance.agreed(copied, 0.5));
        CHECK(acceptance.contradicted(copied, 0.995) < copied);
    }
    CHECK(acceptance.proposed(0.99) > acceptance.proposed(0.5));
    CHECK(acceptance.proposed(0.5) > acceptance.proposed(0.05));
}

TEST_CASE("draft model: what it says is worth less once it is not said") {
    Drafter drafter;
    drafter.append(ascending(1, 10), Source::prompt);
    KnownText model(ascending(1, 30), 0.95f);
    const auto probability = [&] {
        grow(drafter, model);
        const int node = drafter.tree().child(-1, 11);
        return node < 0 ? 0.f : drafter.tree().nodes[node].accepted;
    };
    const float before = probability();
    REQUIRE(before > 0);
    for (int i = 0; i < 20; ++i, probability()) drafter.learn(std::vector<Token>{500});
    CHECK(probability() < before);
}

TEST_CASE("draft model: inside a long copy it is not asked") {
    Drafter drafter = copying();
    KnownText model(joined(ascending(100, 60), ascending(100, 40)), 0.99f);
    const PassCost cost = PassCost::linear(0.05);
    const std::vector<Token> truth = ascending(120, 30);
    for (size_t offset = 0; offset < truth.size();)
        offset += replay_step(drafter, truth, offset, cost, &model).accepted + 1;
    CHECK(model.asked <= 2);
}

TEST_CASE("draft model: passes take what it knows and nobody has said before") {
    Drafter alone, helped;
    const std::vector<Token> prompt = ascending(1, 10), truth = ascending(11, 100);
    alone.append(prompt, Source::prompt);
    helped.append(prompt, Source::prompt);
    KnownText model(ascending(1, 120), 0.99f, 0.05);
    const PassCost cost = PassCost::linear(0.05);
    const auto passes = [&](Drafter & drafter, DraftModel * asked) {
        int count = 0;
        for (size_t offset = 0; offset < truth.size(); ++count)
            offset += replay_step(drafter, truth, offset, cost, asked).accepted + 1;
        return count;
    };
    CHECK(passes(alone, nullptr) == 100);
    CHECK(passes(helped, &model) < 40);
}

TEST_CASE("draft model: alone it leaves copies out, as alternatives they exclude each other") {
    const std::vector<Token> said = joined(ascending(100, 60), ascending(100, 20));
    KnownText other(joined(said, {777, 778}), 0.9f);
    Drafter drafter = copying();
    DraftLimits limits = fixed;
    limits.mix = Mix::model_alone;
    grow(drafter, other, limits);
    CHECK(drafter.tree().child(-1, 777) >= 0);
    CHECK(drafter.tree().child(-1, 120) < 0);
    limits.mix = Mix::alternatives;
    grow(drafter, other, limits);
    CHECK(drafter.tree().child(-1, 777) < 0);
    CHECK(drafter.tree().child(-1, 120) >= 0);
    limits.mix = Mix::copies_alone;
    const int before = other.asked;
    grow(drafter, other, limits);
    CHECK(other.asked == before);
}

TEST_CASE("draft model: its time is a part of the pass's") {
    Drafter with, without;
    for (Drafter * drafter : {&with, &without}) drafter->append(ascending(1, 10), Source::prompt);
    KnownText model(ascending(1, 30), 0.99f, 0.3);
    const PassCost cost = PassCost::linear(0.05);
    replay_step(with, ascending(11, 30), 0, cost, &model);
    replay_step(without, ascending(11, 30), 0, cost);
    CHECK(with.asking_milliseconds() >= 0.3);
    CHECK(without.asking_milliseconds() == 0);
    CHECK(with.throughput().tokens_per_millisecond() > 0);
}

TEST_CASE("draft model: a pass that committed nothing teaches nothing") {
    Drafter drafter;
    drafter.append(ascending(1, 10), Source::prompt);
    KnownText model(ascending(1, 30), 0.95f);
    grow(drafter, model);
    const Acceptance::LogOddsBias before = drafter.acceptance().log_odds_bias();
    drafter.learn({});
    CHECK(drafter.acceptance().log_odds_bias() == before);
}

TEST_CASE("draft model: where it cannot say, copies are worth what they were") {
    Drafter asked = copying(), alone = copying();
    KnownText silent({1, 2, 3}, 0.9f);
    grow(asked, silent);
    alone.begin(fixed);
    while (alone.peek() > 0) alone.take();
    REQUIRE(asked.tree().size() == alone.tree().size());
    for (int node = 0; node < alone.tree().size(); ++node)
        CHECK(asked.tree().nodes[node].accepted == alone.tree().nodes[node].accepted);
}
