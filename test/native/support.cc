#include "support.h"

#include <doctest/doctest.h>

#include "engine/near_tie.h"
#include "engine/operations.h"

using namespace reprise;

TestModel unused_model() {
    ModelOptions options;
    // Tests read and count what the CPU backend computes, on a machine with a GPU, too.
    options.devices.devices.emplace();
    return {Model::load(test_model_path, options, {}), std::make_shared<Learnt>()};
}

const TestModel & test_model() {
    static const TestModel model = unused_model();
    return model;
}

ContextOptions test_context(int context_length) {
    ContextOptions options;
    options.context_length = context_length;
    options.batch_size = 256;
    options.micro_batch_size = 256;
    options.threads = 1;
    return options;
}

std::unique_ptr<Session> test_session(const ContextOptions & options) {
    return test_member(test_model(), options).session;
}

TestMember test_member(const TestModel & model, const ContextOptions & options) {
    Later<std::variant<Member *, std::string>> made;
    auto family = std::make_shared<Family>(
        model.model, model.learnt, options, [&](Member * member) { made.give(member); },
        [&](const Error & error) { made.give(std::string(error.what())); });
    const auto outcome = made.wait();
    if (const auto * message = std::get_if<std::string>(&outcome)) throw std::runtime_error(*message);
    Member * const member = std::get<Member *>(outcome);
    return {std::make_unique<Session>(family, member), member};
}

TestMember test_fork(Session & parent) {
    Later<Member *> forked;
    parent.post(
        reprise::fork, [&](Member * member) { forked.give(member); },
        [&](const Error &) { forked.give(nullptr); });
    Member * const member = forked.wait();
    REQUIRE(member);
    return {std::make_unique<Session>(parent.family(), member), member};
}

void on_decode_thread(const Session & session, const std::function<void()> & work) {
    Later<bool> done;
    session.family()->post(
        [&] {
            work();
            done.give(true);
        },
        [&](const Error &) { done.give(false); });
    if (!done.wait()) throw std::runtime_error("The work threw");
}

Said generate(Session & session, GenerateOptions options, std::function<void(const Chunk &)> on_chunk,
              std::function<void(int, int)> on_progress) {
    Said said;
    Later<bool> ended;
    GenerationListener listener;
    listener.on_chunk = [&](Chunk && chunk) {
        for (const Segment & segment : chunk.segments) said.text += segment.text;
        said.tokens.insert(said.tokens.end(), chunk.tokens.begin(), chunk.tokens.end());
        said.margins.insert(said.margins.end(), chunk.margins.begin(), chunk.margins.end());
        if (on_chunk) on_chunk(chunk);
    };
    listener.on_progress = std::move(on_progress);
    listener.on_done = [&](GenerationResult && result) {
        said.result = std::move(result);
        ended.give(true);
    };
    listener.on_error = [&](const Error & error) {
        said.error = name_of(error.code());
        ended.give(true);
    };
    session.generate(std::move(options), std::move(listener));
    ended.wait();
    return said;
}

GenerateOptions prompt_options(const std::string & prompt, DraftMode mode, int size) {
    GenerateOptions options;
    options.tokens = test_model()->vocabulary().tokenize(prompt, true, true);
    options.max_tokens = 80;
    options.draft_mode = mode;
    options.draft_size = size;
    return options;
}

void check_same_or_near_tie(const Said & plain, const Said & drafted) {
    const auto differ =
        std::mismatch(plain.tokens.begin(), plain.tokens.end(), drafted.tokens.begin(), drafted.tokens.end());
    if (differ.first == plain.tokens.end() && differ.second == drafted.tokens.end()) return;
    const size_t at = differ.first - plain.tokens.begin();
    REQUIRE(at < plain.margins.size());
    CHECK(plain.margins[at] < near_tie_threshold(GGML_TYPE_F16, GGML_TYPE_F16));
}
