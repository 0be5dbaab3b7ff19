#include "engine/draft_head.h"

#include <algorithm>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "engine/candidates.h"
#include "engine/draft_sequence.h"
#include "engine/head_target.h"

using namespace reprise;

TEST_CASE("draft head: it says nothing of a text whose hidden states it was not given") {
    Target target(with_head(REPRISE_HEAD));
    DraftContext context(target.context(), [] { return false; });
    DraftSequence sequence(context);
    const std::vector<Token> text = target.tokens_of(head_prompt);
    CHECK(ask(sequence, text).empty());
    target.show(sequence, text);
    CHECK(ask(sequence, text).size() == 4);
    std::vector<Token> longer = text;
    longer.push_back(300);
    CHECK(ask(sequence, longer).empty());
    CHECK(ask(sequence, text).size() == 4);
}

TEST_CASE("draft head: what it was trained for it says as its target does") {
    Target target(with_head(REPRISE_HEAD));
    DraftContext context(target.context(), [] { return false; });
    DraftSequence sequence(context);
    std::vector<Token> text = target.tokens_of(head_prompt);
    const auto start = static_cast<int>(text.size());
    int first = 0, second = 0;
    constexpr Token nothing = -1;
    Token later = nothing;
    constexpr int count = 25;
    for (int i = 0; i < count; ++i) {
        target.show(sequence, text, i == 0 ? 0 : start + i - 2);
        second += later == target.choice();
        const Token guess = ask(sequence, text).front().token;
        first += guess == target.choice();
        later = nothing;
        // By what the head computed itself.
        if (guess == target.choice()) later = ask(sequence, text, {guess}).front().token;
        text.push_back(target.choice());
    }
    CHECK(first >= count * 3 / 4);
    CHECK(second >= count / 2);
}

TEST_CASE("draft head: whatever was asked before, the same text gives the same candidates") {
    for (const int micro_batch_size : {16, 512}) {
        Target target(with_head(REPRISE_HEAD, micro_batch_size));
        DraftContext context(target.context(), [] { return false; });
        DraftSequence sequence(context);
        std::mt19937 random(6);
        std::vector<Token> text = target.tokens_of(head_prompt);
        target.show(sequence, text, 0, 20);
        for (int i = 0; i < 30; ++i) {
            std::vector<Token> path(random() % 5);
            for (Token & token : path) token = 200 + static_cast<Token>(random() % 3);
            if (random() % 3 == 0) {
                const auto from = static_cast<int>(text.size()) - 1;
                for (size_t more = 1 + random() % 40; more > 0; --more)
                    text.push_back(300 + static_cast<Token>(random() % 3));
                target.show(sequence, text, from);
            }
            const Candidates found = ask(sequence, text, path);
            check_same(ask(sequence, text, path), found);
            DraftSequence fresh(context);
            target.show(fresh, text);
            check_same(found, ask(fresh, text, path));
        }
    }
}

TEST_CASE("draft head: in one tree, whatever branch was asked before, and whoever was asked between") {
    Target target(with_head(REPRISE_HEAD));
    DraftContext context(target.context(), [] { return false; });
    DraftSequence sequence(context), other(context);
    const std::vector<Token> text = target.tokens_of(head_prompt);
    const std::vector<Token> start(text.begin(), text.begin() + 20);
    target.show(other, start);
    other.begin(start);
    target.show(sequence, text);
    sequence.begin(text);
    std::mt19937 random(8);
    for (int i = 0; i < 60; ++i) {
        std::vector<Token> path(random() % 5);
        for (Token & token : path) token = 300 + static_cast<Token>(random() % 3);
        if (random() % 3 == 0) other.ask({});
        const auto found = sequence.ask(path);
        const Candidates candidates(found.begin(), found.end());
        DraftSequence fresh(context);
        target.show(fresh, text);
        check_same(candidates, ask(fresh, text, path));
    }
}

TEST_CASE("draft head: a text that was cut goes on with what is known of its start") {
    Target target(with_head(REPRISE_HEAD));
    DraftContext context(target.context(), [] { return false; });
    DraftSequence sequence(context);
    const std::vector<Token> text = target.tokens_of(head_prompt);
    target.show(sequence, text);
    ask(sequence, text);
    const auto kept = static_cast<int>(text.size()) - 10;
    std::vector<Token> other(text.begin(), text.begin() + kept);
    sequence.forget_from(kept);
    other.insert(other.end(), {300, 301, 302});
    target.show(sequence, other, kept);
    sequence.begin(other);
    // The row of the first new token has nothing before it, and three are computed in all.
    CHECK(sequence.rows_after({}) == 3);
    CHECK(sequence.ask({}).size() == 4);
}

TEST_CASE("draft head: where a stretch of the text is not known, it begins behind that") {
    Target target(with_head(REPRISE_HEAD));
    DraftContext context(target.context(), [] { return false; });
    DraftSequence sequence(context);
    const std::vector<Token> text = target.tokens_of(head_prompt);
    DraftSequence other(context);
    target.show(other, text);
    target.show(sequence, text, 20);
    sequence.begin(text);
    CHECK(*sequence.rows_after({}) == std::ssize(text) - 21);
    CHECK(sequence.ask({}).size() == 4);
    CHECK(ask(other, text).size() == 4);
}

TEST_CASE("draft head: a fork says what its parent says, and goes its own way") {
    Target target(with_head(REPRISE_HEAD));
    DraftContext context(target.context(), [] { return false; });
    DraftSequence parent(context);
    std::vector<Token> text = target.tokens_of(head_prompt);
    target.show(parent, text);
    const Candidates before = ask(parent, text, {300});
    DraftSequence fork(parent);
    check_same(ask(fork, text, {300}), before);
    const auto from = static_cast<int>(text.size()) - 1;
    std::vector<Token> other = text;
    other.insert(other.end(), {301, 302});
    target.show(fork, other, from);
    const Candidates forked = ask(fork, other);
    check_same(ask(parent, text, {300}), before);
    DraftSequence fresh(context);
    target.show(fresh, other);
    check_same(forked, ask(fresh, other));
}

TEST_CASE("draft head: for another model it is refused") {
    const auto head = load(REPRISE_HEAD);
    const auto require = [&](const Model & target) { require_draft_model(target, *head); };
    CHECK_NOTHROW(require(*load(REPRISE_HEAD_TARGET)));
    CHECK_THROWS_AS(require(*test_model().model), Error);
}
