#include "engine/thread_choice.h"

#include <initializer_list>

#include <doctest/doctest.h>

using namespace reprise;

namespace {

/// How slow passes are on two processors, beside so many busy processes: measured on two cores.
double slowness(int threads, int busy) {
    if (busy == 0) return threads == 2 ? 1 : 1.95;
    return threads == 2 ? 2.4 : 1.95;
}

/// The threads that most of the last passes had.
int settled(ThreadChoice & choice, int busy) {
    int with_two = 0;
    for (int pass = 0; pass < 400; ++pass) {
        const int threads = choice.threads();
        if (pass >= 200) with_two += threads == 2;
        choice.observe(slowness(threads, busy));
    }
    return with_two > 100 ? 2 : 1;
}

} // namespace

TEST_CASE("thread choice: all threads on an idle machine, without a single trial") {
    ThreadChoice choice(2);
    for (int pass = 0; pass < 1000; ++pass) {
        CHECK(choice.threads() == 2);
        choice.observe(slowness(2, 0));
    }
}

TEST_CASE("thread choice: a thread less beside a busy process, and all of them again after it") {
    ThreadChoice choice(2);
    CHECK(settled(choice, 0) == 2);
    CHECK(settled(choice, 1) == 1);
    CHECK(settled(choice, 0) == 2);
    CHECK(settled(choice, 1) == 1);
}

TEST_CASE("thread choice: never none, never more than there are") {
    for (const int most : {1, 2, 3, 8}) {
        ThreadChoice choice(most);
        for (int pass = 0; pass < 3000; ++pass) {
            const int threads = choice.threads();
            CHECK(threads >= 1);
            CHECK(threads <= most);
            // Ever slower with more threads.
            choice.observe(pass < 1500 ? 10.0 * threads : static_cast<double>(most) / threads);
        }
        CHECK(choice.threads() == most);
    }
}
