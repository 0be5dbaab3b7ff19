#include "draft/plan.h"

#include <algorithm>
#include <iterator>
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

/// Sizes of passes that come again and again, and with them their graphs.
constexpr int repeated_sizes[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};
/// Beyond those, the multiples of this.
constexpr int repeated_step = 32;
/// The share of a change's time that counts against such a size. It is not all, since the passes after it are
/// spared the change; else one that had grown would stay large for good. From 0.5 to 0.9 the time of recorded
/// answers is the same to 1 %, where a change takes a tenth of a pass.
constexpr double repeated_change = 0.6;
/// The same of other sizes, after which the next pass is likely to change again.
constexpr double odd_change = 1.1;

int next_repeated(int rows) {
    const int * const next = std::ranges::lower_bound(repeated_sizes, rows);
    if (next != std::end(repeated_sizes)) return *next;
    return (rows + repeated_step - 1) / repeated_step * repeated_step;
}

/// The trees of a pass as they grow, the best node of all first.
class Growth {
public:
    Growth(std::span<Drafter * const> members, int other_rows)
        : members_(members),
          first_rows_(static_cast<int>(members.size()) + other_rows), expected_{static_cast<double>(
                                                                          members.size())} {}

    int rows() const { return first_rows_ + static_cast<int>(taken_.size()); }
    /// The tokens that the pass is expected to give where it has so many of its rows.
    double expected(int rows) const { return expected_[rows - first_rows_]; }
    double expected() const { return expected_.back(); }
    /// The next node's probability; 0 where there is none.
    double peek() {
        double probability;
        best_ = best_member(members_, probability);
        return probability;
    }
    /// Takes the node that `peek` found, where time is worth so much.
    void take(double probability, double tokens_per_millisecond) {
        best_->take(tokens_per_millisecond);
        taken_.push_back(best_);
        expected_.push_back(expected() + probability);
    }
    /// Gives back the nodes beyond so many rows. Nothing can be taken after that.
    void shrink_to(int rows) {
        for (; this->rows() > rows; taken_.pop_back()) taken_.back()->keep(taken_.back()->tree().size() - 1);
    }
    bool has(int rows) const { return rows >= first_rows_ && rows <= this->rows(); }

private:
    std::span<Drafter * const> members_;
    int first_rows_; ///< of a pass without nodes
    std::vector<Drafter *> taken_;
    std::vector<double> expected_; ///< by the number of nodes taken
    Drafter * best_ = nullptr;
};

/// The size that the pass is to have, where `paying` is the one at which the next node would not pay. A pass
/// of the last one's size repeats its graph, and one of a size that is in use lets the next one do so: the
/// trees grow to such a size, or go back to it, where that is worth more than what its rows take.
int repeated_size(Growth & growth, int paying, const PassCost & cost, int depth, int row_budget,
                  double rate) {
    const double change = cost.change_milliseconds();
    if (change <= 0) return paying;
    const int next = next_repeated(paying);
    const int nearby = cost.last_rows() <= paying + look_ahead ? cost.last_rows() : 0;
    const int last = std::min(std::max(next, nearby), row_budget);
    while (growth.rows() < last) {
        const double probability = growth.peek();
        if (probability <= 0) break;
        growth.take(probability, rate);
    }
    const auto worth = [&](int rows) {
        const double share = next_repeated(rows) != rows ? odd_change : repeated_change;
        const double changes = rows == cost.last_rows() ? share - repeated_change : share;
        return growth.expected(rows) - rate * (cost.steady_milliseconds(rows, depth) + changes * change);
    };
    int best = paying;
    for (const int rows : {next, nearby})
        if (growth.has(rows) && worth(rows) > worth(best)) best = rows;
    return best;
}

} // namespace

TimeWorth time_worth(std::span<Drafter * const> members, const PassCost & cost, int depth, int other_rows) {
    const auto count = static_cast<int>(members.size());
    const int rows = count + other_rows;
    const double plain = cost.steady_milliseconds(rows, depth);
    double rate = 0;
    for (const Drafter * member : members) rate += member->throughput().tokens_per_millisecond();
    const double row = (cost.steady_milliseconds(rows + look_ahead, depth) - plain) / look_ahead;
    return {std::max(rate, count / plain), row};
}

void plan_pass(std::span<Drafter * const> members, const PassCost & cost, int depth, int row_budget,
               bool fixed, int other_rows) {
    const auto count = static_cast<double>(members.size());
    Growth growth(members, other_rows);
    double milliseconds = cost.milliseconds(growth.rows(), depth);
    double long_run = 0, threshold = 0;
    bool explore = false;
    for (Drafter * member : members) {
        long_run += member->throughput().tokens_per_millisecond();
        explore = member->throughput().may_explore() || explore;
    }
    const auto asking = [&] {
        double all = 0;
        for (const Drafter * member : members) all += member->asking_milliseconds();
        return all;
    };
    const auto rate_of = [&](double expected) {
        return std::max(long_run, expected / (milliseconds + asking()));
    };

    int paying = growth.rows();
    bool confirm = false;
    while (growth.rows() < row_budget) {
        const int rows = growth.rows();
        const double probability = growth.peek();
        const double rate = rate_of(growth.expected());
        const double next = cost.milliseconds(rows + 1, depth);
        threshold = rate * (next - milliseconds);
        if (probability <= 0) break;
        if (fixed || probability > threshold) {
            growth.take(probability, rate);
            paying = growth.rows();
            milliseconds = next;
            continue;
        }

        // The next row does not pay. Where costs are a staircase, a few rows together may.
        const int last = std::min(rows + look_ahead, row_budget);
        confirm = explore && probability >= likely && cost.unconfirmed(rows + 1, last, depth);
        const double ahead = cost.milliseconds(last, depth) - milliseconds;
        if (!confirm && probability * (last - rows) <= rate * ahead) break;
        while (growth.rows() < last) {
            const double one = growth.peek();
            if (one <= 0 || (confirm && one < likely)) break;
            growth.take(one, rate);
            const double gain = growth.expected() - growth.expected(rows);
            if (!confirm && gain <= rate * (cost.milliseconds(growth.rows(), depth) - milliseconds)) continue;
            paying = growth.rows();
            if (!confirm) break;
        }
        if (paying == rows) break;
        milliseconds = cost.milliseconds(paying, depth);
        if (confirm) break;
    }
    if (!fixed && !confirm)
        paying = repeated_size(growth, paying, cost, depth, row_budget, rate_of(growth.expected(paying)));
    growth.shrink_to(paying);
    milliseconds = cost.milliseconds(paying, depth) + asking();
    // Likely nodes are to be found even where they seem too dear: exploring shows whether they are.
    for (Drafter * member : members)
        member->throughput().plan(milliseconds / count, std::min(threshold, likely));
}

} // namespace reprise::draft
