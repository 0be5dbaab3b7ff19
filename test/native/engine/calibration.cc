#include "engine/calibration.h"

#include <chrono>
#include <cmath>
#include <optional>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "engine/busy_time.h"
#include "support.h"

using namespace reprise;

TEST_CASE("a pass costs no more than the best of smaller ones that do the same") {
    const std::map<int, double> times{{1, 20}, {2, 30}, {8, 50}, {24, 113}, {48, 701}};
    CHECK(std::isinf(milliseconds_in_parts(times, 1)));
    CHECK(milliseconds_in_parts(times, 2) == 40);
    CHECK(milliseconds_in_parts(times, 3) == 60);
    CHECK(milliseconds_in_parts(times, 8) == 120);
    CHECK(milliseconds_in_parts(times, 20) == 150);
    CHECK(milliseconds_in_parts(times, 48) == 226);
    CHECK(milliseconds_in_parts(times, 96) == 452);
}

TEST_CASE("a session whose thread has nothing to do calibrates its model's costs, and later ones have them") {
    const TestModel model = unused_model();
    const TestMember one = test_member(model);
    std::optional<draft::PassCost> cost;
    on_decode_thread(*one.session, [&] { CHECK(one.session->family()->pass_cost().measured()); });
    for (int i = 0; i < 300 && !cost; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        on_decode_thread(*one.session, [&] {
            if (one.session->family()->is_calibrated()) cost = one.session->family()->pass_cost();
        });
    }
    REQUIRE(cost);
    for (const int rows : {2, 4, 8, 12, 16, 24, 32}) {
        CHECK(cost->timed(rows, 0));
        for (const int part : {1, 2, 4, 8, 12, 16})
            if (part < rows)
                CHECK(cost->steady_milliseconds(rows, 0) <=
                      1.6 * ((rows + part - 1) / part) * cost->steady_milliseconds(part, 0));
    }
    const TestMember other = test_member(model);
    on_decode_thread(*other.session, [&] {
        CHECK(other.session->family()->is_calibrated());
        CHECK(other.session->family()->pass_cost().timed(32, 0));
    });
}

TEST_CASE("calibrated costs are replaced by none that are not") {
    Learnt learnt;
    draft::PassCost calibrated, early;
    for (const int rows : {1, 8}) calibrated.calibrate(rows, rows, rows);
    early.calibrate(1, 1, 1);
    learnt.keep_pass_cost(2, {early});
    CHECK(learnt.pass_cost(2).cost.measured());
    learnt.keep_pass_cost(2, {calibrated, true});
    learnt.keep_pass_cost(2, {early});
    CHECK(learnt.pass_cost(2).calibrated);
    CHECK(learnt.pass_cost(2).cost.timed(8, 0));
    CHECK_FALSE(learnt.pass_cost(1).cost.measured());
}

namespace {

std::vector<Token> made_up(int length) {
    std::vector<Token> tokens(length);
    for (int i = 0; i < length; ++i) tokens[i] = 100 + 7 * i % 800;
    return tokens;
}

/// Computes the tokens that the sequence is yet to compute, and gives the logits of the last.
std::vector<float> decode(Context & context, Sequence & sequence) {
    Batch batch;
    const llama_seq_id id = sequence.id();
    const int count = sequence.pending();
    for (int i = sequence.cached(); i < sequence.length(); ++i)
        batch.add(sequence.history()[i], i, std::span(&id, 1), i + 1 == sequence.length());
    REQUIRE(context.decode(batch) == DecodeStatus::done);
    context.synchronize();
    sequence.mark_cached(count);
    const float * const logits = llama_get_logits_ith(context.handle(), -1);
    return {logits, logits + context.model().vocabulary_size()};
}

} // namespace

TEST_CASE("trial passes at a sequence's depth leave its logits as they are, also where they are stopped") {
    const TestModel & model = test_model();
    bool stops = false;
    int asked = 0;
    Context plain(model.model, test_context(), [] { return false; });
    Context tried(model.model, test_context(), [&] { return stops && ++asked > 40; });
    Sequence plain_text(plain), tried_text(tried);
    draft::PassCost cost;
    Calibration calibration;
    REQUIRE(calibration.begin(tried, cost));
    const int free = tried.free_sequences();
    for (const Token token : made_up(60)) plain_text.append(token), tried_text.append(token);
    for (int i = 0; i < 40; ++i) {
        stops = false;
        CHECK(decode(plain, plain_text) == decode(tried, tried_text));
        stops = i % 2 == 1;
        asked = 0;
        const auto outcome = calibration.step(tried, cost, &tried_text);
        CHECK(outcome == (stops ? Calibration::Step::stopped : Calibration::Step::timed));
        CHECK(tried.free_sequences() == free);
        CHECK(llama_memory_seq_pos_max(tried.cache(), tried_text.id()) == tried_text.cached() - 1);
        const Token next = 100 + 31 * i % 800;
        plain_text.append(next);
        tried_text.append(next);
    }
    CHECK(calibration.first_round_done());
    CHECK(cost.timed(24, 60));
}

TEST_CASE("without a free sequence id, or room in the context, a trial is impossible and does no harm") {
    ContextOptions options = test_context(64);
    options.max_sequences = 1;
    Context context(test_model().model, options, [] { return false; });
    draft::PassCost cost;
    Calibration calibration;
    REQUIRE(calibration.begin(context, cost));
    Sequence text(context);
    CHECK(calibration.step(context, cost, nullptr) == Calibration::Step::impossible);
    for (const Token token : made_up(64)) text.append(token);
    decode(context, text);
    CHECK(calibration.step(context, cost, &text) == Calibration::Step::impossible);
    CHECK(text.cached() == 64);
}

TEST_CASE("busy time is that of the thread alone, and never more than the clock's") {
    const Stopwatch watch;
    const BusyTime busy(1), by_the_clock(0);
    volatile double sum = 0;
    // So much that it stays a fair share of the time by the clock, however long the sleep below lasts.
    while (busy.milliseconds(watch.milliseconds()) < 50) sum = sum + 1;
    const double worked = watch.milliseconds();
    CHECK(busy.milliseconds(worked) <= worked);
    CHECK(by_the_clock.milliseconds(worked) == worked);
#if !defined(_WIN32)
    const double before = busy.milliseconds(worked);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    CHECK(busy.milliseconds(watch.milliseconds()) < before + 50);
#endif
}
