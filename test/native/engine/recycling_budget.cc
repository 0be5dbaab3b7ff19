#include "engine/recycling_budget.h"

#include <doctest/doctest.h>

using namespace reprise;

namespace {
/// The share of `passes` passes of 10 ms in which a scan of `scan_ms` was afforded; every one saves
/// `saved_ms`.
double share_scanned(double scan_ms, double saved_ms) {
    RecyclingBudget budget;
    constexpr int passes = 2000;
    int scanned = 0;
    for (int i = 0; i < passes; ++i) {
        const bool scan = budget.affords();
        scanned += scan;
        budget.observe(10, scan ? scan_ms : 0, saved_ms);
    }
    return static_cast<double>(scanned) / passes;
}
} // namespace

TEST_CASE("scans that save nothing take a hundredth of the time of passes") {
    CHECK(share_scanned(1, 0) * 1 / 10 == doctest::Approx(0.01).epsilon(0.2));
}

TEST_CASE("scans that save more than they take are all afforded, and so are cheap ones") {
    CHECK(share_scanned(1, 2) == 1);
    CHECK(share_scanned(0.09, 0) == 1);
}
