#include "plan.h"

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
    int rows = static_cast<int>(members.size()) + other_rows;
    double expected = static_cast<double>(members.size());
    double milliseconds = cost.milliseconds(rows, depth);
    while (rows < row_budget) {
        double probability;
        Drafter * const best = best_member(members, probability);
        if (best == nullptr) return;
        const double next = cost.milliseconds(rows + 1, depth);
        if (!fixed && (expected + probability) * milliseconds <= expected * next) return;
        best->take();
        ++rows;
        expected += probability;
        milliseconds = next;
    }
}

} // namespace reprise::draft
