#include <algorithm>
#include <cmath>
#include <random>

#include <doctest/doctest.h>

#include "engine/candidates.h"
#include "engine/draft_sequence.h"
#include "engine/log_probabilities.h"
#include "support.h"

using namespace reprise;

namespace {

/// What a context of its own gives after the text.
LogProbabilities plain_candidates(const std::vector<Token> & text, int count) {
    Context context(test_model().model, test_context(), [] { return false; });
    Batch batch;
    const llama_seq_id id = context.acquire_sequence();
    for (size_t i = 0; i < text.size(); ++i)
        batch.add(text[i], static_cast<llama_pos>(i), std::span(&id, 1), i + 1 == text.size());
    REQUIRE(context.decode(batch) == DecodeStatus::done);
    context.synchronize();
    return log_probabilities(context.logits().whole(batch.size() - 1), context.model().vocabulary_size(), 0,
                             count);
}

std::vector<Token> tokens_of(const std::string & text) {
    return test_model()->vocabulary().tokenize(text, true, true);
}

const std::string prompt =
    "<|im_start|>user\nCopy this text:\nTom found a red box near the market.<|im_end|>\n"
    "<|im_start|>assistant\nTom found";

} // namespace

TEST_CASE("draft context: candidates are the model's most probable tokens") {
    DraftContext context(test_model().model, 256, test_model()->vocabulary_size());
    DraftSequence sequence(context);
    const std::vector<Token> text = tokens_of(prompt);
    const Candidates found = ask(sequence, text);
    const LogProbabilities expected = plain_candidates(text, draft::DraftModel::width);
    REQUIRE(found.size() == expected.top.size());
    for (size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i].token == expected.top[i].token);
        CHECK(found[i].probability == doctest::Approx(std::exp(expected.top[i].logprob)).epsilon(0.1));
    }
}

TEST_CASE("draft context: whatever was asked before, the same text gives the same candidates") {
    DraftContext context(test_model().model, 256, test_model()->vocabulary_size());
    DraftSequence sequence(context);
    std::mt19937 random(5);
    const std::vector<Token> start = tokens_of(prompt);
    std::vector<Token> text = start;
    for (int i = 0; i < 60; ++i) {
        std::vector<Token> path(random() % 6);
        for (Token & token : path) token = 200 + static_cast<Token>(random() % 3);
        if (random() % 3 == 0) text.push_back(300 + static_cast<Token>(random() % 3));
        if (random() % 8 == 0) text.resize(start.size() - random() % 5);
        const Candidates found = ask(sequence, text, path);
        const Candidates again = ask(sequence, text, path);
        check_same(again, found);
        DraftSequence fresh(context);
        check_same(found, ask(fresh, text, path));
    }
}

TEST_CASE("draft context: a fork says what its parent says, and goes its own way") {
    DraftContext context(test_model().model, 256, test_model()->vocabulary_size());
    std::vector<Token> text = tokens_of(prompt);
    DraftSequence parent(context);
    const Candidates before = ask(parent, text);
    DraftSequence fork(parent);
    std::vector<Token> other = text;
    other.push_back(222);
    const Candidates forked = ask(fork, other);
    check_same(ask(parent, text), before);
    DraftSequence fresh(context);
    check_same(forked, ask(fresh, other));
    CHECK(fork.take_asked().times == 1);
    CHECK(fork.take_asked().times == 0);
}

TEST_CASE("draft context: where it has no room, others give way; beyond its length nothing is said") {
    DraftContext context(test_model().model, 64, test_model()->vocabulary_size());
    DraftSequence one(context), other(context);
    const std::vector<Token> text(50, 300), more(50, 301), too_long(80, 302);
    CHECK(ask(one, text).size() == 4);
    CHECK(ask(other, more).size() == 4);
    CHECK(ask(one, text).size() == 4);
    other.begin(too_long);
    CHECK_FALSE(other.rows_after({}).has_value());
    CHECK(std::isinf(other.milliseconds({})));
    CHECK(other.ask({}).empty());
    CHECK(ask(one, text).size() == 4);
}

TEST_CASE("draft context: what asking takes grows with what there is to catch up with") {
    DraftContext context(test_model().model, 256, test_model()->vocabulary_size());
    DraftSequence sequence(context);
    const std::vector<Token> text(100, 300);
    sequence.begin(text);
    CHECK(*sequence.rows_after({}) == 100);
    CHECK(sequence.milliseconds({}) > sequence.single_milliseconds());
    sequence.ask({});
    const std::vector<Token> path{301, 302};
    CHECK(*sequence.rows_after({}) == 1);
    CHECK(*sequence.rows_after(path) == 2);
}

TEST_CASE("draft context: tokens that the target lacks are not proposed") {
    DraftContext context(test_model().model, 256, 5);
    DraftSequence sequence(context);
    for (const auto & candidate : ask(sequence, tokens_of(prompt))) CHECK(candidate.token < 5);
}

TEST_CASE("draft context: an abort ends the catching up, and asking again goes on") {
    bool aborted = false;
    ContextOptions options = test_context();
    options.draft_model = unused_model().model;
    Context target(test_model().model, options, [] { return false; });
    DraftContext context(target, [&] { return aborted; });
    DraftSequence sequence(context);
    aborted = true;
    const std::vector<Token> text(200, 300);
    CHECK(ask(sequence, text).empty());
    aborted = false;
    CHECK(ask(sequence, text).size() == 4);
}
