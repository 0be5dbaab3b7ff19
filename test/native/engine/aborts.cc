#include <doctest/doctest.h>

#include "engine/operations.h"
#include "support.h"

using namespace reprise;

namespace {

const auto no_error = [](const Error &) { FAIL("An error came"); };

} // namespace

TEST_CASE("a session whose making is aborted is freed before its caller hears of it") {
    const TestModel model = unused_model();
    Later<std::pair<ErrorCode, long>> ended;
    // What makes it waits for longer than the call to end it takes.
    const auto family = std::make_shared<Family>(
        model.model, model.learnt, test_context(1 << 16),
        [&](Member *) {
            ended.give({ErrorCode::native_failed, 0});
        },
        [&](const Error & error) {
            ended.give({error.code(), model.model.use_count()});
        });
    family->stop();
    const auto [code, owners] = ended.wait();
    CHECK(code == ErrorCode::aborted);
    CHECK(owners == 2); // this test and the family, no context
}

TEST_CASE("posted work that was given up before its turn is refused at once; other work keeps its order") {
    const auto session = test_session();
    const auto family = session->family();
    Later<bool> begun, may_end, ended;
    family->post(
        [&] {
            begun.give(true);
            may_end.wait();
        },
        no_error);
    begun.wait();

    std::string order;
    const auto call = std::make_shared<Call>();
    std::optional<ErrorCode> refused;
    family->post([&] { order += 'a'; }, no_error);
    family->post([&] { order += 'x'; }, [&](const Error & error) { refused = error.code(); }, call);
    family->post(
        [&] {
            order += 'b';
            ended.give(true);
        },
        no_error);
    family->abort(call);
    CHECK(refused == ErrorCode::aborted);
    family->abort(call);
    may_end.give(true);
    ended.wait();
    CHECK(order == "ab");
    family->abort(call);
}

TEST_CASE("work that runs can ask whether it was given up, and what comes after it was not") {
    const auto session = test_session();
    const auto family = session->family();
    const auto call = std::make_shared<Call>();
    Later<bool> begun, aborted;
    Later<ErrorCode> ended;
    family->post(
        [&] {
            family->require_wanted();
            begun.give(true);
            aborted.wait();
            family->require_wanted();
        },
        [&](const Error & error) { ended.give(error.code()); }, call);
    begun.wait();
    family->abort(call);
    aborted.give(true);
    CHECK(ended.wait() == ErrorCode::aborted);
    on_decode_thread(*session, [&] { CHECK_NOTHROW(family->require_wanted()); });
}
