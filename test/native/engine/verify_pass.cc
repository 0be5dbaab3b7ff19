#include "engine/verify_pass.h"

#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

#include "engine/stopwatch.h"
#include "support.h"

using namespace reprise;

namespace {

std::vector<Token> prompt(int length) {
    std::vector<Token> tokens(length);
    for (int i = 0; i < length; ++i) tokens[i] = 100 + 7 * i % 800;
    return tokens;
}

ContextOptions small_batches() {
    ContextOptions options = test_context();
    options.batch_size = options.micro_batch_size = 32;
    return options;
}

GenerationListener deaf() {
    GenerationListener listener;
    listener.on_chunk = [](Chunk &&) {};
    listener.on_progress = [](int, int) {};
    listener.on_done = [](GenerationResult &&) {};
    listener.on_error = [](const Error &) {};
    return listener;
}

/// A context of the test model, and a pass over it.
struct Fixture {
    explicit Fixture(const ContextOptions & options = small_batches())
        : context(test_model().model, options, [] { return false; }), pass(context, cost) {}

    /// A member that generates after `tokens`, of which nothing is computed yet.
    std::unique_ptr<Member> generating(const std::vector<Token> & tokens, DraftMode mode = DraftMode::fixed,
                                       int draft_size = 64) {
        auto member = std::make_unique<Member>(context);
        member->replace(tokens);
        GenerateOptions options;
        options.draft_mode = mode;
        options.draft_size = draft_size;
        member->begin(1,
                      std::make_unique<Generation>(context.model(), options, deaf(),
                                                   member->sequence.history(), 0.1f, [] { return false; }));
        return member;
    }

    /// The same with its prompt computed and its first token said.
    std::unique_ptr<Member> verifying(const std::vector<Token> & tokens, DraftMode mode = DraftMode::fixed,
                                      int draft_size = 64) {
        auto member = generating(tokens, mode, draft_size);
        while (member->in_prompt()) {
            pass.plan({member.get()});
            REQUIRE(pass.compute({member.get()}) == DecodeStatus::done);
            pass.take(0);
        }
        return member;
    }

    Context context;
    draft::PassCost cost;
    VerifyPass pass;
};

std::vector<Token> repeating(int length) {
    std::vector<Token> tokens(length);
    for (int i = 0; i < length; ++i) tokens[i] = 100 + i % 9;
    return tokens;
}

} // namespace

TEST_CASE("verify pass: trees come first and leave prompts at least half of the batch") {
    Fixture fixture;
    const auto saying = fixture.verifying(repeating(60));
    Member reading(fixture.context);
    reading.replace(prompt(200));
    reading.begin(1, Prefill{});
    const std::vector<Member *> both{saying.get(), &reading};
    // In whatever order they are given.
    REQUIRE(fixture.pass.plan({&reading, saying.get()}) == std::vector<std::vector<Member *>>{both});
    const int tree_rows = 1 + saying->drafter.tree().size();
    CHECK(tree_rows == 16); // of the 64 that were asked for
    REQUIRE(fixture.pass.compute(both) == DecodeStatus::done);
    CHECK(fixture.pass.take(0));
    CHECK_FALSE(fixture.pass.take(1));
    CHECK(reading.sequence.cached() == 32 - tree_rows);
}

TEST_CASE("verify pass: without prompts the trees have the whole batch") {
    Fixture fixture;
    const auto saying = fixture.verifying(repeating(60));
    fixture.pass.plan({saying.get()});
    CHECK(saying->drafter.tree().size() == 31);
}

TEST_CASE("verify pass: what it computes beside a prompt it computes alone, too") {
    std::vector<std::vector<Token>> texts;
    for (const bool beside : {false, true}) {
        Fixture fixture;
        const auto saying = fixture.verifying(repeating(60));
        Member reading(fixture.context);
        reading.replace(prompt(200));
        reading.begin(1, Prefill{});
        for (int i = 0; i < 5; ++i) {
            const std::vector<Member *> members =
                beside ? std::vector<Member *>{saying.get(), &reading} : std::vector<Member *>{saying.get()};
            fixture.pass.plan(members);
            REQUIRE(fixture.pass.compute(members) == DecodeStatus::done);
            REQUIRE(fixture.pass.take(0));
            if (beside) fixture.pass.take(1);
        }
        texts.push_back(saying->sequence.history());
    }
    const size_t common = std::min(texts[0].size(), texts[1].size());
    REQUIRE(common > 65);
    for (auto & text : texts) text.resize(common);
    CHECK(texts[0] == texts[1]);
}

TEST_CASE("verify pass: a prompt's last token gives its generation the first one, and no draft is counted") {
    Fixture fixture;
    const auto member = fixture.generating(prompt(40));
    CHECK(member->in_prompt());
    fixture.pass.plan({member.get()});
    REQUIRE(fixture.pass.compute({member.get()}) == DecodeStatus::done);
    CHECK_FALSE(fixture.pass.take(0)); // 32 of 40 tokens
    fixture.pass.plan({member.get()});
    REQUIRE(fixture.pass.compute({member.get()}) == DecodeStatus::done);
    const auto verified = fixture.pass.take(0);
    REQUIRE(verified);
    CHECK(verified->tokens.size() == 1);
    CHECK(member->sequence.length() == 41);
    CHECK_FALSE(member->in_prompt());
    CHECK(member->generation->metrics().drafted == 0);
    CHECK(member->generation->metrics().passes == 0);
    CHECK(member->generation->metrics().output_tokens == 1);
}

TEST_CASE("verify pass: the members of a pass take what their own rows gave, and keep just those cells") {
    Fixture fixture;
    const auto drafting = fixture.verifying(repeating(40), DraftMode::fixed, 8);
    const auto plain = fixture.verifying(prompt(40), DraftMode::off);
    const std::vector<Member *> both{drafting.get(), plain.get()};
    const int before[] = {drafting->sequence.length(), plain->sequence.length()};
    REQUIRE(fixture.pass.plan(both).size() == 1);
    CHECK(plain->drafter.tree().size() == 0);
    REQUIRE(fixture.pass.compute(both) == DecodeStatus::done);
    CHECK_FALSE(fixture.pass.is_spoilt());
    for (const size_t i : {0u, 1u}) {
        const auto verified = fixture.pass.take(i);
        REQUIRE(verified);
        const Sequence & sequence = both[i]->sequence;
        const auto & tokens = verified->tokens;
        CHECK(sequence.length() == before[i] + static_cast<int>(tokens.size()));
        CHECK(std::equal(tokens.begin(), tokens.end(), sequence.history().begin() + before[i]));
        CHECK(sequence.pending() == 1);
        CHECK(llama_memory_seq_pos_max(fixture.context.cache(), sequence.id()) == sequence.cached() - 1);
    }
    CHECK(plain->generation->metrics().pass_tokens == 1);
}

TEST_CASE("verify pass: without drafts each member of a pass would have waited for all of it") {
    Fixture fixture;
    std::vector<std::unique_ptr<Member>> members;
    std::vector<Member *> all;
    for (int i = 0; i < 8; ++i) {
        members.push_back(fixture.verifying(prompt(20 + i), DraftMode::off));
        all.push_back(members.back().get());
    }
    REQUIRE(fixture.pass.plan(all).size() == 1);
    REQUIRE(fixture.pass.compute(all) == DecodeStatus::done);
    for (size_t i = 0; i < all.size(); ++i) REQUIRE(fixture.pass.take(i));
    for (const Member * member : all) {
        const Metrics & metrics = member->generation->metrics();
        CHECK(metrics.plain_ms_estimate <= metrics.decode_ms.total());
        CHECK(metrics.plain_ms_estimate >
              metrics.decode_ms.compute / 3); // an eighth, if it were a member's share
    }
}

TEST_CASE("verify pass: each member of a pass counts all of its parts until its own tokens came") {
    Fixture fixture;
    const auto first = fixture.verifying(repeating(60));
    const auto second = fixture.verifying(repeating(50));
    const std::vector<Member *> both{first.get(), second.get()};
    const Stopwatch watch;
    REQUIRE(fixture.pass.plan(both).size() == 1);
    REQUIRE(fixture.pass.compute(both) == DecodeStatus::done);
    for (const size_t i : {0u, 1u}) REQUIRE(fixture.pass.take(i));
    const double elapsed = watch.milliseconds();
    const PassParts & of_first = first->generation->metrics().decode_ms;
    const PassParts & of_second = second->generation->metrics().decode_ms;
    CHECK(of_first.drafting > 0);
    CHECK(of_first.compute > 0);
    CHECK(of_first.sampling > 0);
    CHECK(of_first.bookkeeping > 0);
    CHECK(of_second.compute == of_first.compute);
    CHECK(of_second.sampling > of_first.sampling);
    CHECK(of_second.total() > of_first.total());
    CHECK(of_second.total() <= elapsed);
}

TEST_CASE("verify pass: where the cache has no room for drafts it verifies the roots alone") {
    ContextOptions options = small_batches();
    options.context_length = 256;
    Fixture fixture(options);
    const auto first = fixture.verifying(repeating(120), DraftMode::fixed, 30);
    Member filling(fixture.context);
    filling.replace(prompt(256 - 122));
    filling.begin(1, Prefill{});
    while (filling.to_compute() > 0) {
        fixture.pass.plan({&filling});
        REQUIRE(fixture.pass.compute({&filling}) == DecodeStatus::done);
        fixture.pass.take(0);
    }
    fixture.pass.plan({first.get()});
    REQUIRE(first->drafter.tree().size() > 4); // more than the cells that are left
    REQUIRE(fixture.pass.compute({first.get()}) == DecodeStatus::done);
    CHECK(first->drafter.tree().size() == 0);
    CHECK(fixture.pass.take(0)->tokens.size() == 1);
}

TEST_CASE("verify pass: more members than a pass has rows share several passes") {
    ContextOptions options = small_batches();
    options.max_sequences = 80;
    options.batch_size = options.micro_batch_size = 16;
    Fixture fixture(options);
    std::vector<std::unique_ptr<Member>> members;
    std::vector<Member *> all;
    for (int i = 0; i < 40; ++i) {
        members.push_back(std::make_unique<Member>(fixture.context));
        members.back()->replace(prompt(5));
        members.back()->begin(1, Prefill{});
        all.push_back(members.back().get());
    }
    const auto passes = fixture.pass.plan(all);
    REQUIRE(passes.size() == 3);
    for (const auto & part : passes) {
        CHECK(part.size() <= 16);
        REQUIRE(fixture.pass.compute(part) == DecodeStatus::done);
        for (size_t i = 0; i < part.size(); ++i) fixture.pass.take(i);
    }
    for (const Member * member : all) CHECK(member->sequence.cached() >= 1);
}
