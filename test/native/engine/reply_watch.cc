#include "engine/reply_watch.h"

#include <doctest/doctest.h>

#include "engine/error.h"
#include "engine/sampler.h"
#include "support.h"

using namespace reprise;

namespace {

std::shared_ptr<ReplyRules> rules() {
    auto made = std::make_shared<ReplyRules>();
    made->grammar = R"(root ::= "<call>" ("a" | "b") "</call>")";
    made->lazy = true;
    made->trigger_words = {"<call>"};
    made->thinking_start = "<think>";
    made->thinking_ends = {"</think>"};
    made->thinking_close = {7, 8};
    return made;
}

/// What the watch gives for the last of these pieces.
std::optional<std::string> last(ReplyWatch & watch, std::initializer_list<const char *> pieces) {
    std::optional<std::string> found;
    for (const char * piece : pieces) found = watch.accept(1, piece);
    return found;
}

} // namespace

TEST_CASE("a trigger is found across tokens, and what comes with it is given") {
    ReplyWatch watch(rules(), -1, true);
    CHECK_FALSE(last(watch, {"Let me see", " <ca", "l"}));
    CHECK(last(watch, {"l>a"}) == "<call>a");
}

TEST_CASE("a trigger in reasoning is none") {
    ReplyWatch watch(rules(), -1, true);
    CHECK_FALSE(last(watch, {"<think>", "I could <call>", "a"}));
    CHECK(last(watch, {"</think>", "<call>"}) == "<call>");
}

TEST_CASE("what ends reasoning may be a trigger") {
    auto made = rules();
    made->thinking_ends.push_back("<call>");
    ReplyWatch watch(made, -1, true);
    CHECK(last(watch, {"<think>", "hm", "<call>"}) == "<call>");
}

TEST_CASE("a pattern's first group is where the grammar begins") {
    auto made = rules();
    made->trigger_words.clear();
    made->trigger_patterns = {"^start$", "say(\\s+to)"};
    ReplyWatch watch(made, -1, true);
    CHECK(last(watch, {"I say", " to"}) == " to");
}

TEST_CASE("the tokens of reasoning are counted with its tags, also where the prompt holds the first") {
    ReplyWatch watch(rules(), -1, false);
    last(watch, {"\n", "<th", "ink>", "hm", " so", "</think>", "yes"});
    CHECK(watch.reasoning_tokens() == 4);
    auto made = rules();
    made->before = "<think>";
    ReplyWatch begun(made, -1, false);
    last(begun, {"hm", "</thi", "nk>", "yes"});
    CHECK(begun.reasoning_tokens() == 3);
}

TEST_CASE("a reply thinks at its beginning alone: a tag in its text begins nothing") {
    for (const char * said : {"A tag: ", "<thin", "<think>hm</think>Well, "}) {
        ReplyWatch watch(rules(), -1, true);
        last(watch, {said});
        const int64_t thought = watch.reasoning_tokens();
        CHECK(last(watch, {"one <think> ", "<call>"}) == "<call>");
        CHECK(watch.reasoning_tokens() == thought);
    }
    auto made = rules();
    made->before = "<think>\n</think>\n"; // The prompt has ended it.
    ReplyWatch ended(made, 0, true);
    CHECK(last(ended, {"<think>", "<call>"}) == "<call>");
    CHECK_FALSE(ended.forced());
    CHECK(ended.reasoning_tokens() == 0);
}

TEST_CASE("a trigger may stand in what a reply begins with") {
    ReplyWatch watch(rules(), -1, true);
    CHECK(watch.read("Well: <call>") == "<call>");
}

TEST_CASE("a long text without a trigger is followed") {
    auto made = rules();
    made->trigger_patterns = {"(?:x|<)*z"};
    ReplyWatch watch(made, -1, true);
    for (int i = 0; i < 3'000; ++i) REQUIRE_FALSE(watch.accept(1, "<"));
    CHECK(last(watch, {"call", ">"}) == "<call>");
}

TEST_CASE("when the budget is used up the end of the reasoning is forced") {
    ReplyWatch watch(rules(), 2, false);
    CHECK_FALSE(watch.forced());
    last(watch, {"<think>", "one"});
    CHECK_FALSE(watch.forced());
    last(watch, {"two"});
    CHECK(watch.forced() == 7);
    watch.accept(7, "</thi");
    CHECK(watch.forced() == 8);
    watch.accept(8, "nk>");
    CHECK_FALSE(watch.forced());
}

TEST_CASE("a character is finished before the end of the reasoning is forced") {
    auto made = rules();
    made->before = "<think>\n";
    ReplyWatch watch(made, 1, false);
    watch.accept(1, "\xC3");
    CHECK_FALSE(watch.forced());
    watch.accept(1, "\xA4");
    CHECK(watch.forced() == 7);
}

TEST_CASE("before its trigger a grammar forbids nothing, after it all that does not fit") {
    const auto model = test_model();
    SamplerOptions options;
    options.reply = rules();
    Sampler sampler(*model, options, {});
    const auto tokens = [&](const char * text) { return model->vocabulary().tokenize(text, false, false); };
    const Token z = tokens("z").back();
    std::vector<float> logits(model->vocabulary_size(), 0);
    logits[z] = 9;
    const auto choose = [&] {
        HostLogits rows(static_cast<int>(logits.size()), [&](int) { return logits.data(); });
        return sampler.choose({rows, 0}, rows.best(0), 0)->token;
    };
    for (const Token token : tokens("Well: ")) sampler.accept(token);
    CHECK(choose() == z);
    CHECK_FALSE(sampler.follows_grammar());
    for (const Token token : tokens("<call>")) sampler.accept(token);
    REQUIRE(sampler.follows_grammar());
    const Token chosen = choose();
    std::string piece;
    model->vocabulary().append_piece(chosen, true, piece);
    CAPTURE(piece);
    CHECK((piece[0] == 'a' || piece[0] == 'b'));
}
