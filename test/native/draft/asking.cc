#include "draft/asking.h"

#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "known_text.h"

using namespace reprise::draft;

namespace {

const std::vector<Token> text{1, 2, 3};
/// A token a millisecond, and a tenth of one for a row.
constexpr TimeWorth worth{.tokens_per_millisecond = 1, .row_milliseconds = 0.1};

/// Whether it is asked at the root of a pass over the text.
bool asks(Asking & asking, DraftModel & model, Asking::Claims claims, double found,
          const TimeWorth & of_pass = worth, bool is_timed = true) {
    asking.begin(&model, text, of_pass, is_timed);
    if (!asking.pays(1, claims, found, [] { return std::span<const Token>(); })) return false;
    asking.ask(-1, found_bucket_of_unknown);
    return true;
}

} // namespace

TEST_CASE("asking: a draft model is asked where it may be right and nothing else speaks") {
    KnownText model({1, 2, 3, 4}, 0.9f);
    Asking asking;
    CHECK(asks(asking, model, {}, 0.8));
    CHECK(asking.milliseconds() > 0);
    REQUIRE(asking.candidates().size() == 1);
    CHECK(asking.candidates().front().token == 4);
    CHECK(asking.confidence(4) == doctest::Approx(0.9));
    CHECK_FALSE(asking.confidence(5).has_value());
    CHECK(asking.asked().size() == 1);
}

TEST_CASE("asking: it is not asked where it is seldom right, or a copy is sure") {
    KnownText model({1, 2, 3, 4}, 0.9f);
    Asking asking;
    CHECK_FALSE(asks(asking, model, {}, 0.05));
    CHECK_FALSE(asks(asking, model, {.all = 0.99, .best = 0.99}, 0.8));
    CHECK(model.asked == 0);
    CHECK(asking.milliseconds() == 0);
}

TEST_CASE("asking: the dearer a draft model, the more it has to gain") {
    KnownText cheap({1, 2, 3, 4}, 0.9f, 0.02), dear({1, 2, 3, 4}, 0.9f, 0.9);
    Asking asking;
    CHECK(asks(asking, cheap, {.all = 0.5, .best = 0.5}, 0.6));
    CHECK_FALSE(asks(asking, dear, {.all = 0.5, .best = 0.5}, 0.6));
}

TEST_CASE("asking: a pass that goes faster than it was taken to asks less") {
    KnownText model({1, 2, 3, 4}, 0.9f);
    Asking asking;
    asking.begin(&model, text, worth, true);
    asking.value_time(20);
    CHECK_FALSE(asking.pays(1, {}, 0.8, [] { return std::span<const Token>(); }));
}

TEST_CASE("asking: a model with much to catch up with is asked once that many passes missed it") {
    std::vector<Token> known(4000);
    for (size_t i = 0; i < known.size(); ++i) known[i] = static_cast<Token>(i);
    KnownText model(known, 0.9f);
    const std::span<const Token> prompt = std::span<const Token>(known).first(2000);
    Asking asking;
    int passes = 0;
    for (; model.asked == 0 && passes < 100; ++passes) {
        asking.begin(&model, prompt, worth, true);
        if (asking.pays(1, {}, 0.6, [] { return std::span<const Token>(); }))
            asking.ask(-1, found_bucket_of_unknown);
    }
    CHECK(passes > 1);
    CHECK(passes < 30);
    // It has caught up now.
    asking.begin(&model, prompt, worth, true);
    CHECK(asking.pays(1, {}, 0.6, [] { return std::span<const Token>(); }));
}

TEST_CASE("asking: what it is worth is tried again after a while") {
    KnownText model({1, 2, 3, 4}, 0.9f);
    Asking asking;
    int asked = 0;
    for (int pass = 0; pass < 200; ++pass) asked += asks(asking, model, {}, 0.05) ? 1 : 0;
    CHECK(asked > 2);
    CHECK(asked < 10);
    int inside_copies = 0;
    for (int pass = 0; pass < 200; ++pass)
        inside_copies += asks(asking, model, {.all = 0.99, .best = 0.99}, 0.05) ? 1 : 0;
    CHECK(inside_copies == 0);
}

TEST_CASE("asking: where time does not count, probabilities alone decide") {
    for (const double rate : {0.01, 1.0, 1000.0})
        for (const double milliseconds : {0.001, 1.0, 1000.0}) {
            KnownText model({1, 2, 3, 4}, 0.9f, milliseconds);
            Asking asking;
            CHECK(asks(asking, model, {}, 0.8, {.tokens_per_millisecond = rate}, false));
            CHECK_FALSE(asks(asking, model, {}, 0.05, {.tokens_per_millisecond = rate}, false));
        }
}

TEST_CASE("asking: without a model, nothing is asked") {
    Asking asking;
    asking.begin(nullptr, text, worth, true);
    CHECK_FALSE(asking.may_ask());
    CHECK_FALSE(asking.pays(1, {}, 0.9, [] { return std::span<const Token>(); }));
}

TEST_CASE("asking: a model that cannot be asked costs nothing") {
    KnownText model({1, 2, 3, 4}, 0.9f, std::numeric_limits<double>::infinity());
    Asking asking;
    for (const bool is_timed : {true, false}) CHECK_FALSE(asks(asking, model, {}, 0.9, worth, is_timed));
    CHECK(asking.milliseconds() == 0);
}
