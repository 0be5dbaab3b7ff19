#include "engine/draft_head.h"

#include <algorithm>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "engine/candidates.h"
#include "engine/draft_sequence.h"
#include "engine/log_probabilities.h"
#include "support.h"

using namespace reprise;

namespace {

std::shared_ptr<Model> load(const char * path) {
    return Model::load(path, {}, [](float) { return true; });
}

ContextOptions with_head(int micro_batch_size = 512) {
    ContextOptions options = test_context();
    options.draft_model = load(REPRISE_HEAD);
    options.micro_batch_size = micro_batch_size;
    return options;
}

/// The target of the head, which computes a text from its start, as passes of so many rows at most.
class Target {
public:
    explicit Target(const ContextOptions & options)
        : context_(load(REPRISE_HEAD_TARGET), options, [] { return false; }) {}

    Context & context() { return context_; }
    std::vector<Token> tokens_of(const std::string & text) {
        return context_.model().vocabulary().tokenize(text, true, true);
    }

    /// Shows the sequence all but the last token of the text, from the one at `from` on.
    void show(DraftSequence & sequence, const std::vector<Token> & text, int from = 0, int most_rows = 512) {
        const llama_seq_id id = 0;
        llama_memory_seq_rm(context_.cache(), id, from, -1);
        for (int next = from; next + 1 < std::ssize(text);) {
            const int rows = std::min(static_cast<int>(text.size()) - 1 - next, most_rows);
            Batch batch;
            for (int i = 0; i < rows; ++i) batch.add(text[next + i], next + i, std::span(&id, 1), false);
            REQUIRE(context_.decode(batch) == DecodeStatus::done);
            context_.synchronize();
            for (int i = 0; i < rows; ++i) sequence.take_hidden_row(next + i, i);
            sequence.catch_up(text);
            next += rows;
        }
        const llama_pos end = static_cast<llama_pos>(text.size()) - 1;
        Batch last;
        last.add(text.back(), end, std::span(&id, 1), true);
        REQUIRE(context_.decode(last) == DecodeStatus::done);
        context_.synchronize();
        choice_ = log_probabilities(context_.logits().whole(0), context_.model().vocabulary_size(), 0, 1)
                      .top.front()
                      .token;
        llama_memory_seq_rm(context_.cache(), id, end, -1);
    }

    /// What it says after the text that it showed last.
    Token choice() const { return choice_; }

private:
    Context context_;
    Token choice_ = 0;
};

const std::string prompt =
    "<|im_start|>user\nReplace every lamp with box.\n\nThe red lamp is near the market. "
    "Anna sold the lamp for 5 dollars.<|im_end|>\n<|im_start|>assistant\n";

} // namespace

TEST_CASE("draft head: it says nothing of a text whose hidden states it was not given") {
    Target target(with_head());
    DraftContext context(target.context(), [] { return false; });
    DraftSequence sequence(context);
    const std::vector<Token> text = target.tokens_of(prompt);
    CHECK(ask(sequence, text).empty());
    target.show(sequence, text);
    CHECK(ask(sequence, text).size() == 4);
    std::vector<Token> longer = text;
    longer.push_back(300);
    CHECK(ask(sequence, longer).empty());
    CHECK(ask(sequence, text).size() == 4);
}

TEST_CASE("draft head: what it was trained for it says as its target does") {
    Target target(with_head());
    DraftContext context(target.context(), [] { return false; });
    DraftSequence sequence(context);
    std::vector<Token> text = target.tokens_of(prompt);
    const auto start = static_cast<int>(text.size());
    int first = 0, second = 0;
    std::optional<Token> later;
    constexpr int count = 25;
    for (int i = 0; i < count; ++i) {
        target.show(sequence, text, i == 0 ? 0 : start + i - 2);
        second += later == target.choice();
        const Token guess = ask(sequence, text).front().token;
        first += guess == target.choice();
        later.reset();
        // By what the head computed itself.
        if (guess == target.choice()) later = ask(sequence, text, {guess}).front().token;
        text.push_back(target.choice());
    }
    CHECK(first >= count * 3 / 4);
    CHECK(second >= count / 2);
}

TEST_CASE("draft head: whatever was asked before, the same text gives the same candidates") {
    for (const int micro_batch_size : {16, 512}) {
        Target target(with_head(micro_batch_size));
        DraftContext context(target.context(), [] { return false; });
        DraftSequence sequence(context);
        std::mt19937 random(6);
        std::vector<Token> text = target.tokens_of(prompt);
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
    Target target(with_head());
    DraftContext context(target.context(), [] { return false; });
    DraftSequence sequence(context), other(context);
    const std::vector<Token> text = target.tokens_of(prompt);
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
    Target target(with_head());
    DraftContext context(target.context(), [] { return false; });
    DraftSequence sequence(context);
    const std::vector<Token> text = target.tokens_of(prompt);
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
    Target target(with_head());
    DraftContext context(target.context(), [] { return false; });
    DraftSequence sequence(context);
    const std::vector<Token> text = target.tokens_of(prompt);
    DraftSequence other(context);
    target.show(other, text);
    target.show(sequence, text, 20);
    sequence.begin(text);
    CHECK(*sequence.rows_after({}) == std::ssize(text) - 21);
    CHECK(sequence.ask({}).size() == 4);
    CHECK(ask(other, text).size() == 4);
}

TEST_CASE("draft head: a fork says what its parent says, and goes its own way") {
    Target target(with_head());
    DraftContext context(target.context(), [] { return false; });
    DraftSequence parent(context);
    std::vector<Token> text = target.tokens_of(prompt);
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
