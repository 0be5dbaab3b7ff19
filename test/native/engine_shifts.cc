#include <doctest/doctest.h>

#include "support.h"

using namespace reprise;

namespace {

using Shifts = draft::Acceptance::Shifts;

GenerateOptions drafting() {
    return prompt_options("<|im_start|>user\nCopy this text:\nMara found a lantern near the harbor. Every "
                          "Friday Tom brings 24 candles to the library.<|im_end|>\n<|im_start|>assistant\n",
                          DraftMode::fixed, 8);
}

Shifts shifts_of(const TestMember & of) {
    Shifts shifts;
    on_decode_thread(*of.session, [&] { shifts = of.member->drafter.acceptance().shifts(); });
    return shifts;
}

} // namespace

TEST_CASE("a session starts from what an earlier one of the model learnt about acceptance") {
    const auto model = unused_model();
    const TestMember first = test_member(model);
    CHECK(shifts_of(first) == Shifts{});
    generate(*first.session, drafting());
    const Shifts learnt = shifts_of(first);
    CHECK(learnt != Shifts{});
    CHECK(shifts_of(test_member(model)) == learnt);
    CHECK(shifts_of(test_member(unused_model())) == Shifts{});
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
    CHECK(model.learnt->shifts() != Shifts{});
    CHECK(model.learnt->shifts() == shifts_of(one));
}

TEST_CASE("a fork starts from what its parent learnt, whatever others have taught the model since") {
    const auto model = unused_model();
    const TestMember parent = test_member(model);
    generate(*parent.session, drafting());
    const Shifts learnt = shifts_of(parent);
    Shifts other = learnt;
    other[0] += 1;
    model.learnt->keep_shifts(learnt, other);
    const TestMember fork = test_fork(*parent.session);
    CHECK(shifts_of(fork) == learnt);
}

TEST_CASE("of generations at the same time the last prevails, kind by kind") {
    const auto model = unused_model();
    Shifts one{}, other{};
    one[0] = 1, one[1] = 0.5f;
    other[1] = -0.5f, other[2] = 2;
    model.learnt->keep_shifts({}, one);
    model.learnt->keep_shifts({}, other);
    Shifts both{};
    both[0] = 1, both[1] = -0.5f, both[2] = 2;
    CHECK(model.learnt->shifts() == both);
}
