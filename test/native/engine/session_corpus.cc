#include <algorithm>

#include <doctest/doctest.h>

#include "draft/index_device.h"
#include "engine/operations.h"
#include "support.h"
#include "temporary_folder.h"

using namespace reprise;

namespace {

constexpr int length = 60;

TestModel model_with_corpus(const TemporaryFolder & folder) {
    TestModel model = unused_model();
    model.learnt =
        std::make_shared<Learnt>(CorpusOptions{folder.path("corpus"), 10'000}, model->vocabulary_id());
    return model;
}

std::vector<Token> ascending(Token from) {
    std::vector<Token> tokens(length);
    for (int i = 0; i < length; ++i) tokens[i] = from + i;
    return tokens;
}

bool holds(const TestModel & model, std::span<const Token> tokens) {
    return !std::ranges::search(model.learnt->corpus()->index()->text(), tokens).empty();
}

void prefill(const TestMember & of, std::vector<Token> tokens) {
    Later<bool> done;
    of.session->prefill(
        std::move(tokens), {}, [&](Session::Prefilled) { done.give(true); },
        [&](const Error &) { done.give(false); });
    REQUIRE(done.wait());
}

/// Calls `start` with what it calls at its end.
template <typename Start> void wait_for(Start start) {
    Later<bool> done;
    start([&] { done.give(true); }, [&](const Error &) { done.give(false); });
    REQUIRE(done.wait());
}

} // namespace

TEST_CASE("corpus of sessions: what a loaded state replaces is remembered, and what a fork loads") {
    const TemporaryFolder folder;
    const auto model = model_with_corpus(folder);
    const TestMember other = test_member(unused_model());
    prefill(other, ascending(300));
    wait_for([&](auto done, auto failed) {
        other.session->post(
            [&](Family & family, Member & member) { save(family, member, folder.path("state")); }, done,
            failed);
    });

    TestMember parent = test_member(model);
    prefill(parent, ascending(100));
    {
        const TestMember forked = test_fork(*parent.session);
        wait_for([&](auto done, auto failed) {
            forked.session->post(
                [&](Family & family, Member & member) { load(family, member, folder.path("state")); }, done,
                failed);
        });
    }
    on_decode_thread(*parent.session, [] {});
    CHECK(holds(model, ascending(300)));
    CHECK_FALSE(holds(model, ascending(100)));
    wait_for([&](auto done, auto failed) {
        parent.session->post(
            [&](Family & family, Member & member) { load(family, member, folder.path("state")); }, done,
            failed);
    });
    CHECK(holds(model, ascending(100)));
}

TEST_CASE("corpus of sessions: a fork remembers what it shared with a parent that rolled back") {
    const TemporaryFolder folder;
    const auto model = model_with_corpus(folder);
    {
        const TestMember parent = test_member(model);
        prefill(parent, ascending(100));
        const TestMember forked = test_fork(*parent.session);
        wait_for([&](auto done, auto failed) {
            parent.session->post([](Family & family, Member & member) { rollback(family, member, 2); }, done,
                                 failed);
        });
        std::vector<Token> longer = ascending(100);
        longer.push_back(7);
        prefill(forked, longer);
    }
    CHECK(holds(model, ascending(100)));
}

TEST_CASE("corpus of sessions: the index grows where it is while its only readers end") {
    const TemporaryFolder folder;
    const auto model = model_with_corpus(folder);
    const auto * const index = model.learnt->corpus()->index().get();
    {
        const TestMember parent = test_member(model);
        prefill(parent, ascending(100));
        {
            const TestMember forked = test_fork(*parent.session);
            prefill(forked, ascending(200));
        }
        on_decode_thread(*parent.session, [] {});
        CHECK(holds(model, ascending(200)));
        prefill(parent, ascending(300));
        CHECK(holds(model, ascending(100)));
    }
    CHECK(holds(model, ascending(300)));
    CHECK(model.learnt->corpus()->index().get() == index);
}

TEST_CASE("corpus of sessions: a device is sent each conversation once") {
    const TemporaryFolder folder;
    const auto model = model_with_corpus(folder);
    const auto device = std::make_shared<draft::IndexDevice>();
    ContextOptions options = test_context();
    options.matching = draft::Matching::device;
    options.text_device = device;
    const TestMember parent = test_member(model, options);
    for (const Token from : {100, 200, 300}) {
        {
            const TestMember forked = test_fork(*parent.session);
            prefill(forked, ascending(from));
        }
        GenerateOptions said = prompt_options("Once upon a time", DraftMode::fixed);
        said.max_tokens = 8;
        CHECK(generate(*parent.session, said).error == "");
        CHECK(holds(model, ascending(from)));
        CHECK(device->searches->searches > 0);
        CHECK(device->searches->appended == model.learnt->corpus()->index()->length());
    }
}

TEST_CASE("corpus of sessions: a generation leaves alone what another session has learnt meanwhile") {
    const auto model = unused_model();
    const TestMember one = test_member(model);
    constexpr Token unsaid = 900;
    on_decode_thread(*one.session, [&] {
        one.member->drafter.recycle(unsaid, std::vector<draft::RankedToken>{{20, 0.f}});
    });
    draft::Recycling newer;
    newer.remember(unsaid, std::vector<draft::RankedToken>{{21, 0.f}});
    model.learnt->keep_recycling(newer, std::vector<Token>{unsaid});
    CHECK(generate(*one.session, prompt_options("Mara found a lantern", DraftMode::fixed)).error.empty());
    CHECK(model.learnt->recycling().after(unsaid)->candidates().front().token == 21);
}
