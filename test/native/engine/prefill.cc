#include <algorithm>
#include <thread>
#include <utility>

#include <doctest/doctest.h>

#include "engine/verify_pass.h"
#include "support.h"

using namespace reprise;

namespace {

std::vector<Token> prompt(int length, Token from) {
    std::vector<Token> tokens(length);
    for (int i = 0; i < length; ++i) tokens[i] = 100 + (from + 7 * i) % 800;
    return tokens;
}

ContextOptions small_batches() {
    ContextOptions options = test_context();
    options.batch_size = options.micro_batch_size = 32;
    return options;
}

} // namespace

TEST_CASE("prefill: a session that computes a prompt lets its family generate meanwhile") {
    const TestMember talking = test_member(test_model(), small_batches());
    const TestMember reading = test_fork(*talking.session);
    GenerateOptions options = prompt_options("Mara found a lantern", DraftMode::off);
    options.max_tokens = 200;
    options.sampler.logit_bias = {{2, -1000.0f}, {4, -1000.0f}}; // it does not end its turn
    std::vector<int64_t> said;
    Later<bool> read, begun;
    GenerationListener listener;
    bool is_first = true;
    listener.on_chunk = [&](Chunk &&) {
        if (std::exchange(is_first, false)) begun.give(true);
    };
    Later<bool> ended;
    listener.on_done = [&](GenerationResult &&) { ended.give(true); };
    listener.on_error = [&](const Error &) { ended.give(false); };
    talking.session->generate(options, std::move(listener));
    begun.wait();
    reading.session->prefill(
        prompt(300, 1),
        [&](int, int) {
            said.push_back(talking.member->generation ? talking.member->generation->metrics().output_tokens
                                                      : -1);
        },
        [&](Session::Prefilled prefilled) { read.give(prefilled.prompt_tokens == 300); },
        [&](const Error &) { read.give(false); });
    CHECK(read.wait());
    CHECK(ended.wait());
    REQUIRE(said.size() == 10); // 299 tokens in batches of 32
    for (size_t i = 1; i < said.size(); ++i) CHECK(said[i] == said[i - 1] + 1);
}

TEST_CASE("prefill: prompts of several members share a pass evenly") {
    Context context(test_model().model, small_batches(), [] { return false; });
    Member one(context), other(context);
    one.replace(prompt(40, 1));
    other.replace(prompt(10, 2));
    one.prefill = std::make_unique<Prefill>();
    other.prefill = std::make_unique<Prefill>();
    draft::PassCost cost;
    VerifyPass pass(context, cost);
    REQUIRE(pass.plan({&one, &other}) == std::vector<std::vector<Member *>>{{&one, &other}});
    CHECK(pass.compute({&one, &other}) == DecodeStatus::done);
    CHECK_FALSE(pass.take(0));
    CHECK_FALSE(pass.take(1));
    CHECK(one.sequence.cached() == 16);  // half of a batch
    CHECK(other.sequence.cached() == 9); // a prefill leaves the last token to a generation
}

TEST_CASE("prefill: a member that has to be alone has a pass of its own") {
    Context context(test_model().model, small_batches(), [] { return false; });
    Member one(context), other(context), third(context);
    for (Member * member : {&one, &other, &third}) {
        member->replace(prompt(10, 1));
        member->prefill = std::make_unique<Prefill>();
    }
    other.alone = true;
    draft::PassCost cost;
    VerifyPass pass(context, cost);
    CHECK(pass.plan({&one, &other, &third}) == std::vector<std::vector<Member *>>{{&other}, {&one, &third}});
}

TEST_CASE("prefill: prompts that are computed together give the texts that they give apart") {
    for (const int batch : {32, 256}) {
        ContextOptions options = test_context();
        options.batch_size = options.micro_batch_size = batch;
        options.context_length = 2048;
        const TestMember root = test_member(test_model(), options);
        std::vector<TestMember> forks;
        for (int i = 0; i < 5; ++i) forks.push_back(test_fork(*root.session));
        std::vector<Said> together(forks.size());
        std::vector<std::thread> threads;
        const auto options_of = [](size_t i) {
            GenerateOptions wanted = prompt_options("", DraftMode::fixed, 8);
            wanted.tokens = prompt(30 + 50 * static_cast<int>(i), static_cast<Token>(11 * i));
            wanted.max_tokens = 20;
            return wanted;
        };
        for (size_t i = 0; i < forks.size(); ++i)
            threads.emplace_back([&, i] { together[i] = generate(*forks[i].session, options_of(i)); });
        for (std::thread & thread : threads) thread.join();
        for (size_t i = 0; i < forks.size(); ++i) {
            CHECK(together[i].error.empty());
            CHECK_FALSE(together[i].tokens.empty());
            check_same_or_near_tie(generate(*test_session(options), options_of(i)), together[i]);
        }
    }
}
