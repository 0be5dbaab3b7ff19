#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "device/text_twin.h"
#include "draft/index_device.h"
#include "engine/operations.h"
#include "support.h"

using namespace reprise;

namespace {

const std::string reference = "The quick brown fox jumps over the lazy dog, and the dog sleeps on. "
                              "A list of fruits: apple, banana, cherry, apple, banana, cherry.";

std::vector<Token> tokens_of(const std::string & text) {
    return test_model()->vocabulary().tokenize(text, false, false);
}

ContextOptions searched_by(std::shared_ptr<draft::TextDevice> device, draft::Matching matching) {
    ContextOptions options = test_context();
    options.matching = matching;
    options.text_device = std::move(device);
    return options;
}

void add_reference_to(Session & session) {
    Later<bool> done;
    session.post(
        [](Family & family, Member & member) { add_reference(family, member, tokens_of(reference)); },
        [&] { done.give(true); }, [&](const Error &) { done.give(false); });
    REQUIRE(done.wait());
}

Said say(Session & session) {
    GenerateOptions options =
        prompt_options("The quick brown fox jumps over the lazy dog, and", DraftMode::fixed);
    options.max_tokens = 48;
    return generate(session, options);
}

} // namespace

TEST_CASE("matching of a session: on a device it drafts what exact searches of an index draft") {
    const auto exact = std::make_shared<draft::IndexDevice>();
    const TestMember by_twin = test_member(
        unused_model(), searched_by(std::make_shared<device::TwinDevice>(), draft::Matching::device));
    const TestMember by_index = test_member(unused_model(), searched_by(exact, draft::Matching::device));
    for (const TestMember * one : {&by_twin, &by_index}) add_reference_to(*one->session);
    const Said a = say(*by_twin.session), b = say(*by_index.session);
    REQUIRE(a.error == "");
    CHECK(a.tokens == b.tokens);
    CHECK(a.result.metrics.passes == b.result.metrics.passes);
    CHECK(a.result.metrics.pass_tokens == b.result.metrics.pass_tokens);
    CHECK(exact->searches->searches >= a.result.metrics.passes);

    const TestMember plain = test_member(unused_model());
    GenerateOptions options =
        prompt_options("The quick brown fox jumps over the lazy dog, and", DraftMode::off);
    options.max_tokens = 48;
    check_same_or_near_tie(generate(*plain.session, options), a);
}

TEST_CASE("matching of a session: forks that generate together are searched for together") {
    const auto device = std::make_shared<draft::IndexDevice>();
    const TestMember parent = test_member(unused_model(), searched_by(device, draft::Matching::device));
    add_reference_to(*parent.session);
    const TestMember fork = test_fork(*parent.session);
    GenerateOptions options = prompt_options("The quick brown fox", DraftMode::fixed);
    options.max_tokens = 64;
    // The fork starts while the decode thread is at its parent's prompt.
    Said of_fork;
    Later<bool> ended;
    bool started = false;
    const auto start_fork = [&](int, int) {
        if (std::exchange(started, true)) return;
        GenerationListener listener;
        listener.on_chunk = [&](Chunk && chunk) {
            of_fork.tokens.insert(of_fork.tokens.end(), chunk.tokens.begin(), chunk.tokens.end());
            of_fork.margins.insert(of_fork.margins.end(), chunk.margins.begin(), chunk.margins.end());
        };
        listener.on_done = [&](GenerationResult &&) { ended.give(true); };
        listener.on_error = [&](const Error &) { ended.give(false); };
        fork.session->generate(options, std::move(listener));
    };
    const Said of_parent = generate(*parent.session, options, {}, start_fork);
    CHECK(of_parent.error == "");
    REQUIRE(ended.wait());
    check_same_or_near_tie(of_parent, of_fork);
    CHECK(device->searches->most_contexts == 2);
}

TEST_CASE("matching of a session: where the device fails the text goes on") {
    const auto device = std::make_shared<draft::IndexDevice>();
    device->searches->fails_after = 3;
    const TestMember failing = test_member(unused_model(), searched_by(device, draft::Matching::device));
    const TestMember plain = test_member(unused_model());
    add_reference_to(*failing.session);
    const Said said = say(*failing.session);
    CHECK(said.error == "");
    CHECK(device->searches->searches == 4);
    check_same_or_near_tie(say(*plain.session), said);
}

TEST_CASE("matching of a session: a device is refused where there is none, and the error says why") {
    Later<std::string> error;
    ContextOptions options = test_context();
    options.matching = draft::Matching::device;
    const auto model = unused_model();
    const auto family = std::make_shared<Family>(
        model.model, model.learnt, options, [&](Member *) { error.give(""); },
        [&](const Error & failure) {
            error.give(std::string(name_of(failure.code())) + " " + failure.what());
        });
    const std::string said = error.wait();
#ifndef REPRISE_HAS_CUDA
    CHECK(said ==
          "OPTION_INVALID Expected 'auto' or 'index' for matching but received 'device': no device can "
          "hold and search texts, because this build has no CUDA");
#endif
    CHECK((said == "" || said.starts_with("OPTION_INVALID")));
}
