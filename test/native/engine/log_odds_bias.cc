#include <doctest/doctest.h>

#include "support.h"

using namespace reprise;

namespace {

using LogOddsBias = draft::Acceptance::LogOddsBias;

GenerateOptions drafting() {
    return prompt_options("<|im_start|>user\nCopy this text:\nMara found a lantern near the harbor. Every "
                          "Friday Tom brings 24 candles to the library.<|im_end|>\n<|im_start|>assistant\n",
                          DraftMode::fixed, 8);
}

LogOddsBias bias_of(const TestMember & of) {
    LogOddsBias bias;
    on_decode_thread(*of.session, [&] { bias = of.member->drafter.acceptance().log_odds_bias(); });
    return bias;
}

} // namespace

TEST_CASE("a session starts from what an earlier one of the model learnt about acceptance") {
    const auto model = unused_model();
    const TestMember first = test_member(model);
    CHECK(bias_of(first) == LogOddsBias{});
    generate(*first.session, drafting());
    const LogOddsBias learnt = bias_of(first);
    CHECK(learnt != LogOddsBias{});
    CHECK(bias_of(test_member(model)) == learnt);
    CHECK(bias_of(test_member(unused_model())) == LogOddsBias{});
}

TEST_CASE("an aborted generation hands over what it learnt so far") {
    const auto model = unused_model();
    const TestMember one = test_member(model);
    GenerateOptions options = drafting();
    options.max_tokens = 400;
    options.sampler.logit_bias = {{2, -1000.0f}, {4, -1000.0f}};
    const Said said = generate(*one.session, options, [&](const Chunk & chunk) {
        if (chunk.metrics.output_tokens > 20) one.session->abort();
    });
    REQUIRE(said.result.reason == FinishReason::aborted);
    CHECK(model.learnt->log_odds_bias() != LogOddsBias{});
    CHECK(model.learnt->log_odds_bias() == bias_of(one));
}

TEST_CASE("a fork starts from what its parent learnt, whatever others have taught the model since") {
    const auto model = unused_model();
    const TestMember parent = test_member(model);
    generate(*parent.session, drafting());
    const LogOddsBias learnt = bias_of(parent);
    LogOddsBias other = learnt;
    other[0] += 1;
    model.learnt->keep_log_odds_bias(learnt, other);
    const TestMember fork = test_fork(*parent.session);
    CHECK(bias_of(fork) == learnt);
}

TEST_CASE("of generations at the same time the last prevails, kind by kind") {
    const auto model = unused_model();
    LogOddsBias one{}, other{};
    one[0] = 1, one[1] = 0.5f;
    other[1] = -0.5f, other[2] = 2;
    model.learnt->keep_log_odds_bias({}, one);
    model.learnt->keep_log_odds_bias({}, other);
    LogOddsBias both{};
    both[0] = 1, both[1] = -0.5f, both[2] = 2;
    CHECK(model.learnt->log_odds_bias() == both);
}
