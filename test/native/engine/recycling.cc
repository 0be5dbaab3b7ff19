#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

#include "support.h"

using namespace reprise;

namespace {

constexpr auto recycled = static_cast<size_t>(draft::Source::recycled);

const std::string story = "Mara found a lantern near the harbor. Every Friday Tom";

GenerateOptions next_token() {
    GenerateOptions options = prompt_options(story, DraftMode::automatic);
    options.max_tokens = 1;
    return options;
}

/// The model's best candidate after a token, or -1.
Token best_after(const TestMember & of, Token token) {
    Token best = -1;
    on_decode_thread(*of.session, [&] {
        const auto * row = of.member->drafter.recycling().after(token);
        if (row) best = row->candidates().front().token;
    });
    return best;
}

bool nothing_recycled(const TestMember & of) {
    bool empty = false;
    on_decode_thread(*of.session, [&] { empty = of.member->drafter.recycling().empty(); });
    return empty;
}

} // namespace

TEST_CASE("the first candidate after a token is what greedy decoding said after it") {
    const TestMember one = test_member(unused_model());
    GenerateOptions options = next_token();
    Token last = options.tokens->back();
    for (int i = 0; i < 20; ++i) {
        const Token said = generate(*one.session, options).tokens.at(0);
        CHECK(best_after(one, last) == said);
        last = said;
        options.tokens.reset();
    }
}

TEST_CASE("candidates are the model's own, before bias and sampling") {
    const TestMember one = test_member(unused_model());
    GenerateOptions options = next_token();
    const Token last = options.tokens->back();
    const Token greedy = generate(*one.session, options).tokens.at(0);
    const TestMember other = test_member(unused_model());
    options.sampler.temperature = 1;
    options.sampler.logit_bias = {{greedy, -1000.0f}};
    CHECK(generate(*other.session, options).tokens.at(0) != greedy);
    CHECK(best_after(other, last) == greedy);
}

TEST_CASE("candidates after rejected drafts are remembered too") {
    const TestMember one = test_member(unused_model());
    GenerateOptions options = next_token();
    const Token last = options.tokens->back();
    const Token greedy = generate(*one.session, options).tokens.at(0);
    const Token wrong = greedy == 500 ? 501 : 500;
    on_decode_thread(*one.session, [&] {
        one.member->drafter.recycle(greedy, std::vector<draft::RankedToken>{{wrong, 9.f}, {last, 0.f}});
    });
    REQUIRE(best_after(one, wrong) == -1);
    options = prompt_options(story, DraftMode::fixed, 16);
    options.tokens.reset();
    options.max_tokens = 3;
    const Said said = generate(*one.session, options);
    REQUIRE(std::find(said.tokens.begin(), said.tokens.end(), wrong) == said.tokens.end());
    CHECK(said.result.metrics.drafted_by_source[recycled] > 0);
    CHECK(best_after(one, wrong) != -1);
}

TEST_CASE("no time that was measured decides what is recycled where sizes of trees are fixed") {
    const auto known_after = [](double scan_ms) {
        const TestModel model = unused_model();
        const TestMember one = test_member(model);
        on_decode_thread(*one.session, [&] { one.member->scans.observe(1, scan_ms, 0); });
        GenerateOptions options = prompt_options(story, DraftMode::fixed, 16);
        options.max_tokens = 20;
        generate(*one.session, options);
        std::vector<Token> known;
        for (Token token = 0; token < model->vocabulary_size(); ++token)
            if (best_after(one, token) >= 0) known.push_back(token);
        return known;
    };
    const std::vector<Token> known = known_after(0);
    CHECK_FALSE(known.empty());
    CHECK(known_after(1e9) == known);
}

TEST_CASE("recycled drafts are accepted where nothing is copied, and leave the text as it is") {
    GenerateOptions options = prompt_options(story, DraftMode::fixed, 8);
    const Said drafted = generate(*test_member(unused_model()).session, options);
    const Metrics & metrics = drafted.result.metrics;
    CHECK(metrics.drafted_by_source[recycled] > 0);
    CHECK(metrics.accepted_by_source[recycled] > 0);
    options.draft_mode = DraftMode::off;
    const Said plain = generate(*test_member(unused_model()).session, options);
    check_same_or_near_tie(plain, drafted);
}

TEST_CASE("a generation without drafts, without recycling or of a recorded answer remembers no candidates") {
    for (const int kind : {0, 1, 2}) {
        const TestMember one = test_member(unused_model());
        GenerateOptions options = prompt_options(story, kind == 0 ? DraftMode::off : DraftMode::fixed, 8);
        options.max_tokens = 8;
        options.recycling = kind != 1;
        if (kind == 2) options.recorded = *options.tokens;
        CHECK(generate(*one.session, options).tokens.size() >= 8);
        CHECK(nothing_recycled(one));
    }
}

TEST_CASE("a fork has its parent's candidates, and each its own from there") {
    const TestMember parent = test_member(unused_model());
    GenerateOptions options = next_token();
    const Token last = options.tokens->back();
    const Token greedy = generate(*parent.session, options).tokens.at(0);
    const TestMember fork = test_fork(*parent.session);
    CHECK(best_after(fork, last) == greedy);
    on_decode_thread(*fork.session, [&] {
        fork.member->drafter.recycle(last, std::vector<draft::RankedToken>{{greedy + 1, 0.f}});
    });
    CHECK(best_after(fork, last) == greedy + 1);
    CHECK(best_after(parent, last) == greedy);
}

TEST_CASE("a session starts from the candidates that earlier ones of the model met") {
    const auto model = unused_model();
    const TestMember first = test_member(model);
    GenerateOptions options = next_token();
    const Token last = options.tokens->back();
    const Token greedy = generate(*first.session, options).tokens.at(0);
    CHECK(best_after(test_member(model), last) == greedy);
    CHECK(nothing_recycled(test_member(unused_model())));
}
