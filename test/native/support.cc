#include "support.h"

#include <cstdlib>

#include <doctest/doctest.h>

using namespace reprise;

std::shared_ptr<Model> test_model() {
    static const std::shared_ptr<Model> model = [] {
        const char * path = std::getenv("REPRISE_TEST_MODEL");
        if (!path) throw std::runtime_error("REPRISE_TEST_MODEL names no model");
        return Model::load(path, {}, {});
    }();
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
    Later<std::variant<Member *, std::string>> made;
    auto family = std::make_shared<Family>(
        test_model(), options, [&](Member * member) { made.give(member); },
        [&](const Error & error) { made.give(std::string(error.what())); });
    const auto outcome = made.wait();
    if (const auto * message = std::get_if<std::string>(&outcome)) throw std::runtime_error(*message);
    return std::make_unique<Session>(family, std::get<Member *>(outcome));
}

Said generate(Session & session, GenerateOptions options, std::function<void(const Chunk &)> on_chunk) {
    Said said;
    Later<bool> ended;
    GenerationListener listener;
    listener.on_chunk = [&](Chunk && chunk) {
        for (const TextRun & run : chunk.segments) said.text += run.text;
        said.tokens.insert(said.tokens.end(), chunk.tokens.begin(), chunk.tokens.end());
        said.margins.insert(said.margins.end(), chunk.margins.begin(), chunk.margins.end());
        if (on_chunk) on_chunk(chunk);
    };
    listener.on_done = [&](GenerationResult && result) {
        said.result = std::move(result);
        ended.give(true);
    };
    listener.on_error = [&](const Error & error) {
        said.error = error.code();
        ended.give(true);
    };
    session.generate(std::move(options), std::move(listener));
    ended.wait();
    return said;
}

GenerateOptions prompt_options(const std::string & prompt, DraftMode mode, int size) {
    GenerateOptions options;
    options.tokens = test_model()->tokenize(prompt, true, true);
    options.max_tokens = 80;
    options.draft_mode = mode;
    options.draft_size = size;
    return options;
}
