#include "engine/draft_block.h"

#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "engine/candidates.h"
#include "engine/draft_sequence.h"
#include "engine/head_target.h"

using namespace reprise;

namespace {

/// The rows of the block of `REPRISE_BLOCK_HEAD`.
constexpr int rows = 6;

/// What it says along its own best tokens, as far as it goes.
std::vector<Candidates> all_places(DraftSequence & sequence, const std::vector<Token> & text) {
    sequence.begin(text);
    std::vector<Candidates> places;
    std::vector<Token> path;
    for (;;) {
        const auto found = sequence.ask(path);
        if (found.empty()) return places;
        places.emplace_back(found.begin(), found.end());
        path.push_back(found.front().token);
    }
}

void check_same_places(const std::vector<Candidates> & found, const std::vector<Candidates> & expected) {
    REQUIRE(found.size() == expected.size());
    for (size_t i = 0; i < found.size(); ++i) check_same(found[i], expected[i]);
}

} // namespace

TEST_CASE("draft block: it knows what follows its best tokens, and nothing else") {
    DraftBlock block;
    CHECK(!block.is_known());
    CHECK(!block.after({}));
    std::vector<Candidates> places;
    places.push_back({{5, 0.5f}, {6, 0.2f}});
    places.push_back({{7, 0.9f}});
    block.set(places);
    CHECK(block.is_known());
    const auto best_after = [&](const std::vector<Token> & path) {
        const auto found = block.after(path);
        return found ? found->front().token : -1;
    };
    CHECK(best_after({}) == 5);
    CHECK(best_after({5}) == 7);
    CHECK(best_after({6}) == -1);
    CHECK(best_after({5, 7}) == -1);
    block.forget();
    CHECK(!block.is_known());
    block.set({});
    CHECK(block.is_known());
    CHECK(!block.after({}));
}

TEST_CASE("block head: it is asked about the text first, and what follows costs nothing then") {
    Target target(with_head(REPRISE_BLOCK_HEAD));
    DraftContext context(target.context(), [] { return false; });
    DraftSequence sequence(context);
    const std::vector<Token> text = target.tokens_of(head_prompt);
    CHECK(ask(sequence, text).empty());
    target.show(sequence, text);
    sequence.begin(text);
    const std::vector<Token> elsewhere{300};
    CHECK(!sequence.rows_after(elsewhere));
    CHECK(*sequence.rows_after({}) == std::ssize(text) - 1 + rows);
    CHECK(sequence.single_milliseconds() > 0);
    CHECK(sequence.milliseconds({}) > sequence.single_milliseconds());
    CHECK(sequence.further_milliseconds() == 0);
    const Token best = sequence.ask({}).front().token;
    const std::vector<Token> along{best}, apart{best + 1};
    CHECK(sequence.milliseconds(along) == 0);
    CHECK(sequence.ask(along).size() == 4);
    CHECK(sequence.ask(apart).empty());
    CHECK(sequence.take_asked().times == 1);
    CHECK(all_places(sequence, text).size() == rows - 1);
}

TEST_CASE("block head: what it was trained for it says as its target does") {
    Target target(with_head(REPRISE_BLOCK_HEAD));
    DraftContext context(target.context(), [] { return false; });
    DraftSequence sequence(context);
    std::vector<Token> text = target.tokens_of(head_prompt);
    const auto start = static_cast<int>(text.size());
    std::vector<Token> before; // what the last block said
    int first = 0, second = 0;
    constexpr int count = 25;
    for (int i = 0; i < count; ++i) {
        target.show(sequence, text, i == 0 ? 0 : start + i - 2);
        second += before.size() > 1 && before[1] == target.choice();
        before.clear();
        for (const Candidates & place : all_places(sequence, text)) before.push_back(place.front().token);
        first += before.front() == target.choice();
        text.push_back(target.choice());
    }
    CHECK(first >= count / 2);
    CHECK(second >= count / 3);
}

TEST_CASE("block head: whatever was asked before, the same text gives the same block") {
    for (const int micro_batch_size : {16, 512}) {
        Target target(with_head(REPRISE_BLOCK_HEAD, micro_batch_size));
        DraftContext context(target.context(), [] { return false; });
        DraftSequence sequence(context), other(context);
        std::mt19937 random(6);
        std::vector<Token> text = target.tokens_of(head_prompt);
        target.show(sequence, text, 0, 20);
        target.show(other, {text.begin(), text.begin() + 20});
        target.show(sequence, text, 0, 20);
        for (int i = 0; i < 30; ++i) {
            if (random() % 3 == 0) {
                const auto from = static_cast<int>(text.size()) - 1;
                for (size_t more = 1 + random() % 40; more > 0; --more)
                    text.push_back(300 + static_cast<Token>(random() % 3));
                target.show(sequence, text, from);
            }
            const std::vector<Candidates> found = all_places(sequence, text);
            CHECK(found.size() == rows - 1);
            if (random() % 2 == 0) all_places(other, {text.begin(), text.begin() + 20});
            check_same_places(all_places(sequence, text), found);
            DraftSequence fresh(context);
            target.show(fresh, text);
            check_same_places(all_places(fresh, text), found);
        }
    }
}

TEST_CASE("block head: a text that was cut goes on with what is known of its start") {
    Target target(with_head(REPRISE_BLOCK_HEAD));
    DraftContext context(target.context(), [] { return false; });
    DraftSequence sequence(context);
    const std::vector<Token> text = target.tokens_of(head_prompt);
    target.show(sequence, text);
    all_places(sequence, text);
    const auto kept = static_cast<int>(text.size()) - 10;
    std::vector<Token> other(text.begin(), text.begin() + kept);
    sequence.forget_from(kept);
    other.insert(other.end(), {300, 301, 302});
    target.show(sequence, other, kept);
    sequence.begin(other);
    CHECK(sequence.rows_after({}) == 2 + rows);
    const std::vector<Candidates> found = all_places(sequence, other);
    DraftSequence fresh(context);
    target.show(fresh, other);
    check_same_places(found, all_places(fresh, other));
}

TEST_CASE("block head: where a stretch of the text is not known, it begins behind that") {
    Target target(with_head(REPRISE_BLOCK_HEAD));
    DraftContext context(target.context(), [] { return false; });
    DraftSequence sequence(context);
    const std::vector<Token> text = target.tokens_of(head_prompt);
    DraftSequence other(context);
    target.show(other, text);
    target.show(sequence, text, 20);
    sequence.begin(text);
    CHECK(*sequence.rows_after({}) == std::ssize(text) - 21 + rows);
    CHECK(sequence.ask({}).size() == 4);
}

TEST_CASE("block head: a fork says what its parent says, and goes its own way") {
    Target target(with_head(REPRISE_BLOCK_HEAD));
    DraftContext context(target.context(), [] { return false; });
    DraftSequence parent(context);
    const std::vector<Token> text = target.tokens_of(head_prompt);
    target.show(parent, text);
    const std::vector<Candidates> before = all_places(parent, text);
    DraftSequence fork(parent);
    check_same_places(all_places(fork, text), before);
    std::vector<Token> other = text;
    other.insert(other.end(), {301, 302});
    target.show(fork, other, static_cast<int>(text.size()) - 1);
    const std::vector<Candidates> forked = all_places(fork, other);
    check_same_places(all_places(parent, text), before);
    DraftSequence fresh(context);
    target.show(fresh, other);
    check_same_places(forked, all_places(fresh, other));
}

TEST_CASE("block head: for another model it is refused") {
    const auto head = load(REPRISE_BLOCK_HEAD);
    CHECK_NOTHROW(require_draft_model(*load(REPRISE_HEAD_TARGET), *head));
    CHECK_THROWS_AS(require_draft_model(*test_model().model, *head), Error);
}
