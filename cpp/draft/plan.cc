#include "plan.h"

#include <algorithm>

namespace reprise::draft {

namespace {

Drafter * best_member(std::span<Drafter * const> members, double & probability) {
    Drafter * best = nullptr;
    probability = 0;
    for (Drafter * member : members) {
        const double p = member->peek();
        if (p > probability) {
            probability = p;
            best = member;
        }
    }
    return best;
}

} // namespace

void plan_pass(std::span<Drafter * const> members, const PassCost & cost, int depth, int row_budget,
               bool fixed, int other_rows) {
    const auto count = static_cast<double>(members.size());
    int rows = static_cast<int>(members.size()) + other_rows;
    double expected = count;
    double milliseconds = cost.milliseconds(rows, depth);
    double long_run = 0, threshold = 0;
    for (const Drafter * member : members) long_run += member->pace().tokens_per_millisecond();
    while (rows < row_budget) {
        double probability;
        Drafter * const best = best_member(members, probability);
        const double next = cost.milliseconds(rows + 1, depth);
        threshold = std::max(long_run, expected / milliseconds) * (next - milliseconds);
        if (best == nullptr || (!fixed && probability <= threshold)) break;
        best->take();
        ++rows;
        expected += probability;
        milliseconds = next;
    }
    for (Drafter * member : members) member->pace().plan(milliseconds / count, threshold);
}

} // namespace reprise::draft
