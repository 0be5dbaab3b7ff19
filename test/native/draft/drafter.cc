#include "draft/drafter.h"

#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "ascending.h"
#include "draft/replay.h"

using namespace reprise::draft;

namespace {

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

struct Said {
    Token token;
    Source source;
};
using Conversation = std::vector<Said>;

/// Prompts and answers of up to 150 tokens together, of few distinct ones, so that they repeat each other.
Conversation conversation(std::mt19937 & random) {
    Conversation tokens;
    const auto below = [&](size_t limit) { return static_cast<size_t>(random() % limit); };
    Source source = Source::prompt;
    for (size_t length = below(150); tokens.size() < length;) {
        if (below(20) == 0) source = source == Source::prompt ? Source::output : Source::prompt;
        if (tokens.size() > 20 && below(10) == 0) {
            const size_t from = below(tokens.size() - 15);
            for (size_t i = from; i < from + 15; ++i) tokens.push_back({tokens[i].token, source});
        } else {
            tokens.push_back({static_cast<Token>(below(12)), source});
        }
    }
    return tokens;
}

void append(Drafter & drafter, const Conversation & conversation) {
    for (const auto & [token, source] : conversation) drafter.append(std::vector<Token>{token}, source);
}

void check_same(const DraftTree & a, const DraftTree & b) {
    REQUIRE(a.size() == b.size());
    for (int i = 0; i < a.size(); ++i) {
        CHECK(a.nodes[i].token == b.nodes[i].token);
        CHECK(a.nodes[i].parent == b.nodes[i].parent);
        CHECK(a.nodes[i].probability == b.nodes[i].probability);
    }
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
    CHECK(drafter.tree().leaves().size() == 1);
    CHECK(drafter.tree().nodes.front().source == Source::prompt);
}

TEST_CASE("drafter: what repeats itself is copied for as long as it was, and then may end") {
    for (const int period : {1, 3, 16}) {
        Drafter drafter;
        const auto append = [&](Token from, int count, Source source) {
            drafter.append(ascending(from, count), source);
        };
        const int times = 200 / period;
        append(500, 20, Source::prompt);
        for (int i = 0; i < times; ++i) append(100, period, Source::prompt);
        append(600, 20, Source::prompt);
        append(700, 20, Source::output);
        for (int i = 0; i < times; ++i) {
            // Now the stretch is long enough to tell that it repeats itself.
            if (i * period > 3 * SuffixIndex::key_length) {
                take(drafter,
                     {.max_nodes = 8, .max_leaves = 1, .max_depth = 8, .chain = true, .fixed = true});
                std::vector<Token> expected;
                for (int t = i * period; static_cast<int>(expected.size()) < 8; ++t)
                    expected.push_back(t < times * period ? 100 + t % period : 600 + t - times * period);
                CHECK(first_path(drafter.tree()) == expected);
            }
            append(100, period, Source::output);
        }
        take(drafter, {.max_nodes = 4, .max_leaves = 4, .max_depth = 1, .chain = false, .fixed = true});
        CHECK(drafter.tree().child(-1, 600) >= 0);
    }
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
        CHECK(std::ssize(drafter.tree().leaves()) <= leaves);
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

TEST_CASE("drafter: an earlier conversation speaks only where it matches longer than this one") {
    const DraftLimits limits{.max_nodes = 8, .max_leaves = 8, .max_depth = 1, .chain = false, .fixed = true};
    for (const bool longer : {false, true}) {
        CAPTURE(longer);
        Drafter drafter;
        drafter.add_document(std::vector<Token>{longer ? 1 : 9, 2, 3, 4, 70}, Source::corpus);
        drafter.append(std::vector<Token>{8, 2, 3, 4, 60, 1, 2, 3, 4}, Source::prompt);
        take(drafter, limits);
        CHECK(drafter.tree().child(-1, 60) >= 0);
        CHECK((drafter.tree().child(-1, 70) >= 0) == longer);
    }
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

TEST_CASE("drafter: a rolled-back drafter drafts as one that never saw what was rolled back") {
    for (unsigned seed = 0; seed < 60; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        Drafter rolled_back;
        // What is learnt about acceptance stays, so both have learnt the same.
        append(rolled_back, conversation(random));
        for (int pass = 0; pass < 5; ++pass) {
            take(rolled_back, {.max_nodes = 16, .max_leaves = 4, .max_depth = 4});
            rolled_back.learn(std::vector<Token>{3, 1, 2});
        }
        rolled_back.truncate(0);
        Drafter fresh = rolled_back;

        Conversation kept = conversation(random);
        const Conversation cut = conversation(random), more = conversation(random);
        append(rolled_back, kept);
        append(rolled_back, cut);
        // To before, at, or past the end of what is kept.
        kept.insert(kept.end(), cut.begin(), cut.end());
        const size_t length = random() % (kept.size() + 1);
        rolled_back.truncate(length);
        kept.resize(length);
        kept.insert(kept.end(), more.begin(), more.end());
        append(rolled_back, more);
        append(fresh, kept);

        REQUIRE(rolled_back.length() == fresh.length());
        const DraftLimits limits{
            .max_nodes = 64, .max_leaves = 16, .max_depth = 16, .chain = false, .fixed = true};
        take(rolled_back, limits);
        take(fresh, limits);
        check_same(rolled_back.tree(), fresh.tree());
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

TEST_CASE("drafter: a document added to a copy is not its parent's") {
    Drafter parent;
    parent.add_document(ascending(200, 20), Source::reference);
    Drafter child = parent;
    child.add_document(ascending(300, 20), Source::reference);
    for (Drafter * drafter : {&parent, &child}) {
        drafter->append(ascending(300, 6), Source::output);
        take(*drafter, {.max_nodes = 4, .max_leaves = 1, .max_depth = 4, .chain = true, .fixed = true});
    }
    CHECK(parent.tree().child(-1, 306) < 0);
    CHECK(first_path(child.tree()) == ascending(306, 4));
    parent.append(ascending(200, 6), Source::output);
    child.append(ascending(200, 6), Source::output);
    for (Drafter * drafter : {&parent, &child}) {
        take(*drafter, {.max_nodes = 4, .max_leaves = 1, .max_depth = 4, .chain = true, .fixed = true});
        CHECK(first_path(drafter->tree()) == ascending(206, 4));
    }
}

TEST_CASE("drafter: of more documents than it may keep, the latest") {
    Drafter drafter;
    drafter.add_document(ascending(200, 20), Source::reference, 25);
    drafter.add_document(ascending(300, 20), Source::reference, 25);
    for (const auto & [start, known] : {std::pair{300, true}, std::pair{200, false}}) {
        drafter.append(ascending(start, 6), Source::output);
        take(drafter, {.max_nodes = 4, .max_leaves = 1, .max_depth = 4, .chain = true, .fixed = true});
        CHECK((drafter.tree().child(-1, start + 6) >= 0) == known);
    }
}

TEST_CASE("drafter: what the model ranked highest after a token is drafted where nothing matches") {
    Drafter drafter;
    drafter.append(ascending(1, 10), Source::prompt);
    drafter.recycle(10, std::vector<RankedToken>{{77, 2.f}, {78, 1.f}});
    take(drafter, {.max_nodes = 4, .max_leaves = 4, .max_depth = 1, .chain = false, .fixed = true});
    const int best = drafter.tree().child(-1, 77);
    REQUIRE(best >= 0);
    CHECK(drafter.tree().nodes[best].source == Source::recycled);
    CHECK(drafter.tree().child(-1, 78) > best);
}

TEST_CASE("drafter: a recycled candidate that is never right loses its worth, and regains it once it is") {
    Drafter drafter;
    drafter.append(ascending(1, 10), Source::prompt);
    drafter.recycle(10, std::vector<RankedToken>{{77, 9.f}, {78, 0.f}});
    const auto probability = [&] {
        take(drafter, {.max_nodes = 4, .max_leaves = 4, .max_depth = 1, .chain = false, .fixed = true});
        return drafter.tree().nodes.at(drafter.tree().child(-1, 77)).accepted;
    };
    const float before = probability();
    for (int i = 0; i < 20; ++i, probability()) drafter.learn(std::vector<Token>{79});
    const float low = probability();
    CHECK(low < before);
    for (int i = 0; i < 20; ++i, probability()) drafter.learn(std::vector<Token>{77});
    CHECK(probability() > low);
}

TEST_CASE("drafter: a recycled candidate teaches what it is worth without being drafted") {
    Drafter drafter;
    drafter.append(ascending(1, 10), Source::prompt);
    drafter.recycle(10, std::vector<RankedToken>{{77, 9.f}, {78, 0.f}});
    const Acceptance::LogOddsBias before = drafter.acceptance().log_odds_bias();
    drafter.begin({.max_nodes = 4, .max_leaves = 4, .max_depth = 1});
    REQUIRE(drafter.tree().size() == 0);
    drafter.learn(std::vector<Token>{77});
    CHECK(drafter.acceptance().log_odds_bias() != before);
}

namespace {

/// Allows ascending tokens alone, and forces the next one wherever it is a multiple of three.
class Ascending : public Guide {
public:
    explicit Ascending(Token last) : last_{last} {}
    Place after(Place place, Token token) override {
        if (token != last_[place] + 1) return refused;
        last_.push_back(token);
        return static_cast<Place>(last_.size()) - 1;
    }
    std::optional<Forced> forced(Place place) override {
        const Token next = last_[place] + 1;
        return next % 3 == 0 ? std::optional(Forced{next, Kind::inner}) : std::nullopt;
    }

private:
    std::vector<Token> last_; ///< by place
};

void take(Drafter & drafter, const DraftLimits & limits, Guide & guide) {
    drafter.begin(limits, &guide);
    while (drafter.peek() > 0) drafter.take();
}

} // namespace

TEST_CASE("drafter: a tree holds what its guide allows, and nothing else") {
    Drafter drafter;
    drafter.append(std::vector<Token>{1, 2, 90, 1, 2, 4, 1, 2}, Source::prompt);
    const DraftLimits limits{.max_nodes = 8, .max_leaves = 4, .max_depth = 4, .chain = false, .fixed = true};
    take(drafter, limits);
    CHECK(drafter.tree().child(-1, 90) >= 0);
    Ascending guide(2);
    take(drafter, limits, guide);
    CHECK(drafter.tree().child(-1, 90) < 0);
    CHECK(drafter.tree().child(-1, 3) >= 0);
    for (const DraftNode & node : drafter.tree().nodes)
        CHECK(node.token == (node.parent < 0 ? 2 : drafter.tree().nodes[node.parent].token) + 1);
}

TEST_CASE("drafter: what must come is drafted where nothing matches, and joins what does") {
    Drafter fresh;
    fresh.append(std::vector<Token>{2}, Source::prompt);
    Ascending guide(2);
    take(fresh, {.max_nodes = 4, .max_leaves = 2, .max_depth = 4}, guide);
    REQUIRE(fresh.tree().size() == 1);
    CHECK(fresh.tree().nodes[0].token == 3);
    CHECK(fresh.tree().nodes[0].source == Source::grammar);
    CHECK(fresh.tree().nodes[0].probability > 0.9f);

    Drafter matching;
    matching.append(ascending(1, 8), Source::prompt);
    matching.append(std::vector<Token>{1, 2}, Source::output);
    Ascending same(2);
    take(matching, {.max_nodes = 4, .max_leaves = 2, .max_depth = 4}, same);
    CHECK(first_path(matching.tree()) == ascending(3, 4));
    CHECK(matching.tree().nodes[0].source == Source::grammar);
    CHECK(matching.tree().nodes[1].source == Source::prompt);
}

TEST_CASE("drafter: forced tokens that are never said lose their worth") {
    Drafter drafter;
    drafter.append(std::vector<Token>{2}, Source::prompt);
    const auto probability = [&] {
        Ascending guide(2);
        take(drafter, {.max_nodes = 1, .max_leaves = 1, .max_depth = 1, .fixed = true}, guide);
        return drafter.tree().nodes.at(0).accepted;
    };
    const float before = probability();
    for (int i = 0; i < 40; ++i, probability()) drafter.learn(std::vector<Token>{50});
    CHECK(probability() < before - 0.05f);
}

TEST_CASE("replay: passes commit exactly the recorded answer") {
    Drafter drafter = repeating();
    const std::vector<Token> truth = ascending(110, 30);
    const PassCost cost = PassCost::linear(0.02);
    int committed = 0, passes = 0;
    while (committed < 30) {
        const ReplayStep step = replay_step(drafter, truth, committed, cost);
        CHECK(step.accepted <= step.drafted);
        committed += step.accepted + 1;
        ++passes;
    }
    CHECK(committed == 30);
    CHECK(drafter.length() == 80);
    CHECK(passes < 15);
}
