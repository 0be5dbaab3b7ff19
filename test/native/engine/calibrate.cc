#include "engine/calibrate.h"

#include <cmath>

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

TEST_CASE("a calibrated table has no size that costs far more than smaller passes that do the same") {
    const TestMember one = test_member(unused_model());
    on_decode_thread(*one.session, [&] {
        const draft::PassCost & cost = one.session->family()->pass_cost();
        REQUIRE(cost.measured());
        for (const int rows : {2, 4, 8, 12, 16, 24, 32})
            for (const int part : {1, 2, 4, 8, 12, 16})
                if (part < rows)
                    CHECK(cost.steady_milliseconds(rows, 0) <=
                          1.6 * ((rows + part - 1) / part) * cost.steady_milliseconds(part, 0));
    });
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
