#include "draft/plan.h"

#include <algorithm>
#include <vector>

namespace reprise::draft {

namespace {

/// The member whose next node is the most probable one, or a null pointer, and that probability.
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

/// How many rows ahead are tried where the next one does not pay: a step of a staircase of costs may be so
/// long.
constexpr int look_ahead = 8;
/// A pass that explores takes nodes that are at least so likely, so that it pays if the cost is as low as
/// hoped.
constexpr double likely = 0.5;

std::vector<int> tree_sizes(std::span<Drafter * const> members) {
    std::vector<int> counts;
    for (const Drafter * member : members) counts.push_back(member->tree().size());
    return counts;
}

} // namespace

void plan_pass(std::span<Drafter * const> members, const PassCost & cost, int depth, int row_budget,
               bool fixed, int other_rows) {
    const auto count = static_cast<double>(members.size());
    int rows = static_cast<int>(members.size()) + other_rows;
    double expected = count;
    double milliseconds = cost.milliseconds(rows, depth);
    double long_run = 0, threshold = 0;
    bool explore = false;
    for (Drafter * member : members) {
        long_run += member->throughput().tokens_per_millisecond();
        explore = member->throughput().may_explore() || explore;
    }
    const auto take = [&](Drafter & best, double probability) {
        best.take();
        ++rows;
        expected += probability;
    };

    while (rows < row_budget) {
        double probability;
        Drafter * const best = best_member(members, probability);
        const double rate = std::max(long_run, expected / milliseconds);
        const double next = cost.milliseconds(rows + 1, depth);
        threshold = rate * (next - milliseconds);
        if (best == nullptr) break;
        if (fixed || probability > threshold) {
            take(*best, probability);
            milliseconds = next;
            continue;
        }

        // The next row does not pay. Where costs are a staircase, a few rows together may.
        const int last = std::min(rows + look_ahead, row_budget);
        const bool confirm = explore && probability >= likely && cost.unconfirmed(rows + 1, last, depth);
        const double ahead = cost.milliseconds(last, depth) - milliseconds;
        if (!confirm && probability * (last - rows) <= rate * ahead) break;
        const std::vector<int> before = tree_sizes(members);
        const int rows_before = rows;
        const double expected_before = expected;
        bool pays = false;
        while (rows < last) {
            Drafter * const one = best_member(members, probability);
            if (one == nullptr || (confirm && probability < likely)) break;
            take(*one, probability);
            pays = confirm ||
                   expected - expected_before > rate * (cost.milliseconds(rows, depth) - milliseconds);
            if (pays && !confirm) break;
        }
        if (!pays) {
            for (size_t i = 0; i < members.size(); ++i) members[i]->keep(before[i]);
            rows = rows_before;
            break;
        }
        milliseconds = cost.milliseconds(rows, depth);
        if (confirm) break;
    }
    // Likely nodes are to be found even where they seem too dear: exploring shows whether they are.
    for (Drafter * member : members)
        member->throughput().plan(milliseconds / count, std::min(threshold, likely));
}

} // namespace reprise::draft
