#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include <doctest/doctest.h>

#include "engine/operations.h"
#include "support.h"

using namespace reprise;

namespace {

const std::string edit =
    "<|im_start|>user\nReplace \"cat\" with \"dog\" in the text:\n\nThe cat sat on the mat near the old "
    "house. The "
    "cat was happy and the cat was warm in the sun all day long.<|im_end|>\n<|im_start|>assistant\n";

std::filesystem::path temporary(const char * name) {
    return std::filesystem::temp_directory_path() / name;
}

} // namespace

TEST_CASE("drafts of any size leave the text as it is") {
    auto session = test_session();
    const Said plain = generate(*session, prompt_options(edit, DraftMode::off));
    CHECK(plain.error.empty());
    CHECK(plain.tokens.size() > 20);
    CHECK(plain.result.metrics.drafted == 0);
    for (const int size : {1, 4, 16, 64}) {
        const Said drafted = generate(*session, prompt_options(edit, DraftMode::fixed, size));
        check_same_or_near_tie(plain, drafted);
        CHECK(drafted.result.metrics.accepted > 0);
        CHECK(drafted.result.metrics.passes < plain.result.metrics.passes);
    }
}

TEST_CASE("a prediction is drafted from") {
    auto session = test_session();
    const Said plain = generate(*session, prompt_options(edit, DraftMode::off));
    GenerateOptions options = prompt_options(edit, DraftMode::fixed, 16);
    options.prediction = plain.tokens;
    const Said drafted = generate(*session, options);
    check_same_or_near_tie(plain, drafted);
    CHECK(drafted.result.metrics.accepted_by_source[static_cast<size_t>(draft::Source::prediction)] > 0);
}

TEST_CASE("the longest common prefix of a prompt is reused") {
    auto session = test_session();
    const Said first = generate(*session, prompt_options(edit, DraftMode::automatic));
    CHECK(first.result.metrics.reused_tokens == 0);
    const Said second = generate(*session, prompt_options(edit, DraftMode::automatic));
    CHECK(second.result.metrics.reused_tokens == second.result.metrics.prompt_tokens - 1);
    check_same_or_near_tie(first, second);
}

TEST_CASE("max_tokens and stop strings inside a draft cut it exactly there") {
    auto session = test_session();
    const Said whole = generate(*session, prompt_options(edit, DraftMode::off));
    GenerateOptions options = prompt_options(edit, DraftMode::fixed, 16);
    options.max_tokens = 7;
    const Said cut = generate(*session, options);
    CHECK(cut.tokens.size() == 7);
    CHECK(cut.result.reason == FinishReason::length);
    options = prompt_options(edit, DraftMode::fixed, 16);
    options.stop = {whole.text.substr(whole.text.size() / 2, 4)};
    const Said stopped = generate(*session, options);
    CHECK(stopped.result.reason == FinishReason::stop);
    CHECK(stopped.text == whole.text.substr(0, whole.text.find(options.stop.front())));
}

TEST_CASE("forks share the prompt and each says what it says alone") {
    auto session = test_session();
    Later<bool> prefilled;
    session->prefill(
        test_model()->vocabulary().tokenize(edit, true, true), {},
        [&](Session::Prefilled) { prefilled.give(true); }, [&](const Error &) { prefilled.give(false); });
    REQUIRE(prefilled.wait());
    const TestMember forked = test_fork(*session);
    Session & fork = *forked.session;

    const Said alone = generate(*session, prompt_options(edit, DraftMode::off));
    Said one;
    std::thread thread([&] { one = generate(*session, prompt_options(edit, DraftMode::fixed, 8)); });
    const Said other = generate(fork, prompt_options(edit, DraftMode::fixed, 8));
    thread.join();
    check_same_or_near_tie(alone, one);
    check_same_or_near_tie(alone, other);
    CHECK(other.result.metrics.reused_tokens == other.result.metrics.prompt_tokens - 1);
}

TEST_CASE("an abort ends the generation and leaves the session usable") {
    auto session = test_session();
    GenerateOptions options = prompt_options("Once upon a time", DraftMode::automatic);
    options.max_tokens = 400;
    options.sampler.logit_bias = {{2, -1000.0f}, {4, -1000.0f}};
    const Said aborted = generate(*session, options, [&](const Chunk &) { session->abort(); });
    CHECK(aborted.result.reason == FinishReason::aborted);
    const Said after = generate(*session, prompt_options(edit, DraftMode::automatic));
    CHECK(after.error.empty());
    CHECK(after.result.reason != FinishReason::aborted);
}

TEST_CASE("a session can be destroyed in mid-generation") {
    auto session = test_session();
    Later<FinishReason> reason;
    Later<bool> began;
    bool first = true;
    GenerateOptions options = prompt_options("Once upon a time", DraftMode::automatic);
    options.max_tokens = 100'000;
    options.sampler.logit_bias = {{2, -1000.0f}, {4, -1000.0f}};
    GenerationListener listener;
    listener.on_chunk = [&](Chunk &&) {
        if (first) began.give(true);
        first = false;
    };
    listener.on_done = [&](GenerationResult && result) { reason.give(result.reason); };
    listener.on_error = [](const Error &) {};
    session->generate(options, listener);
    began.wait();
    session.reset();
    const FinishReason ended = reason.wait();
    CHECK((ended == FinishReason::aborted || ended == FinishReason::context));
}

TEST_CASE("a prompt longer than the context is refused with both sizes, and the session goes on") {
    auto session = test_session(test_context(64));
    std::string text;
    for (int i = 0; i < 200; ++i) text += "word ";
    const Said refused = generate(*session, prompt_options(text, DraftMode::automatic));
    CHECK(refused.error == "CONTEXT_OVERFLOW");
    CHECK(generate(*session, prompt_options("Hello", DraftMode::automatic)).error.empty());
}

TEST_CASE("a full context ends the generation, or shifts where that was asked for") {
    ContextOptions context = test_context(64);
    GenerateOptions options = prompt_options("Once upon a time there was a cat.", DraftMode::fixed, 16);
    options.max_tokens = 150;
    options.sampler.logit_bias = {{2, -1000.0f}, {4, -1000.0f}};
    auto session = test_session(context);
    CHECK(generate(*session, options).result.reason == FinishReason::context);
    context.shift_on_overflow = true;
    session = test_session(context);
    const Said shifted = generate(*session, options);
    CHECK(shifted.result.reason == FinishReason::length);
    CHECK(shifted.tokens.size() == 150);
}

TEST_CASE("a saved state goes on as the session would have") {
    const auto path = temporary("reprise-state-test.bin");
    auto session = test_session();
    Later<std::string> saved;
    GenerateOptions options = prompt_options(edit, DraftMode::off);
    options.max_tokens = 10;
    generate(*session, options);
    const auto load_it = [&](Family & family, Member & member) { load(family, member, path.string()); };
    session->post([&](Family & family, Member & member) { save(family, member, path.string()); },
                  [&] { saved.give(""); }, [&](const Error & error) { saved.give(name_of(error.code())); });
    REQUIRE(saved.wait().empty());
    GenerateOptions on = prompt_options(edit, DraftMode::off);
    on.tokens.reset();
    const Said expected = generate(*session, on);

    auto other = test_session();
    Later<std::string> loaded;
    other->post(
        load_it, [&] { loaded.give(""); }, [&](const Error & error) { loaded.give(name_of(error.code())); });
    REQUIRE(loaded.wait().empty());
    const Said resumed = generate(*other, on);
    check_same_or_near_tie(expected, resumed);
    CHECK(resumed.result.metrics.reused_tokens == resumed.result.metrics.prompt_tokens - 1);

    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-1, std::ios::end);
    file.put('!');
    file.close();
    Later<std::string> damaged;
    other->post(
        load_it, [&] { damaged.give(""); },
        [&](const Error & error) { damaged.give(name_of(error.code())); });
    CHECK(damaged.wait() == "STATE_IO");
    CHECK(generate(*other, on).error.empty());
    std::filesystem::remove(path);
}

TEST_CASE("two generations at once on one session are refused") {
    auto session = test_session();
    Later<std::string> second;
    GenerateOptions options = prompt_options(edit, DraftMode::off);
    bool asked = false;
    generate(*session, options, [&](const Chunk &) {
        if (asked) return;
        asked = true;
        GenerationListener listener;
        listener.on_error = [&](const Error & error) { second.give(name_of(error.code())); };
        session->generate(options, listener);
    });
    CHECK(second.wait() == "SESSION_BUSY");
}

TEST_CASE("a listener that throws ends its own generation alone, with an error") {
    auto session = test_session();
    const TestMember forked = test_fork(*session);
    Session & fork = *forked.session;
    const Said alone = generate(*session, prompt_options(edit, DraftMode::off));
    for (const bool standard : {true, false}) {
        Said other;
        std::thread thread([&] { other = generate(fork, prompt_options(edit, DraftMode::fixed, 8)); });
        const Said failed =
            generate(*session, prompt_options(edit, DraftMode::fixed, 8), [&](const Chunk & chunk) {
                if (chunk.metrics.output_tokens < 4) return;
                if (standard) throw std::runtime_error("no");
                throw 5;
            });
        thread.join();
        CHECK(failed.error == (standard ? "DECODE_FAILED" : "NATIVE_FAILED"));
        CHECK(other.error.empty());
        check_same_or_near_tie(alone, other);
        // What the listener was told is in the history, and the session goes on.
        check_same_or_near_tie(alone, generate(*session, prompt_options(edit, DraftMode::fixed, 8)));
    }
}

TEST_CASE("a progress listener that throws fails the prefill, and the session goes on") {
    ContextOptions options = test_context();
    options.batch_size = options.micro_batch_size = 16;
    auto session = test_session(options);
    const Said alone = generate(*test_session(), prompt_options(edit, DraftMode::off));
    Later<std::string> ended;
    session->prefill(
        test_model()->vocabulary().tokenize(edit, true, true),
        [](int, int) { throw std::runtime_error("no"); }, [&](Session::Prefilled) { ended.give(""); },
        [&](const Error & error) { ended.give(name_of(error.code())); });
    CHECK(ended.wait() == "DECODE_FAILED");
    check_same_or_near_tie(alone, generate(*session, prompt_options(edit, DraftMode::off)));
}

TEST_CASE("rows that cannot be computed are their session's own, which computes its lost cells again") {
    auto session = test_session();
    const TestMember forked = test_fork(*session);
    Member * const damaged = forked.member;
    Session & fork = *forked.session;
    const Said alone = generate(*session, prompt_options(edit, DraftMode::off));
    int losses = 0;
    // When its prompt is computed: llama_decode refuses rows that have no cells before them, and the whole
    // batch.
    const auto lose_cells = [&](int done, int total) {
        if (done < total) return;
        ++losses;
        const Sequence & sequence = damaged->sequence;
        llama_memory_seq_rm(session->family()->context().cache(), sequence.id(), sequence.cached() - 3, -1);
    };
    // Computes all of the prompt.
    const auto generate_damaged = [&](DraftMode mode) {
        on_decode_thread(*session, [&] { damaged->sequence.clear_cache(); });
        return generate(fork, prompt_options(edit, mode, 8), {}, lose_cells);
    };
    for (const DraftMode mode : {DraftMode::off, DraftMode::fixed}) {
        Said healed;
        std::thread thread([&] { healed = generate_damaged(mode); });
        const Said other = generate(*session, prompt_options(edit, mode, 8));
        thread.join();
        CHECK(other.error.empty());
        check_same_or_near_tie(alone, other);
        CHECK((healed.error.empty() || healed.error == "DECODE_FAILED"));
        if (healed.error.empty()) check_same_or_near_tie(alone, healed);
        // Alone it is an error, after which the session goes on.
        const Said failed = generate_damaged(mode);
        CHECK(failed.error == "DECODE_FAILED");
        check_same_or_near_tie(alone, generate(fork, prompt_options(edit, mode, 8)));
    }
    CHECK(losses >= 2);
}
