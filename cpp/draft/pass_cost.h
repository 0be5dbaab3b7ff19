#pragma once

#include <array>
#include <span>
#include <vector>

namespace reprise::draft {

/// How long a pass of so many rows took.
struct PassTime {
    int rows;
    double milliseconds;
};

/// Milliseconds of one verify pass by its rows (tokens of all members together) and the context's
/// depth (tokens before them), from passes that were timed.
///
/// The time is taken as a curve over rows times the machine's present speed. The speed follows
/// quickly: when other processes come and go, every row count gets slower or faster together, also
/// those that are not in use. On real kernels the curve is a staircase, so each row count keeps a
/// running mean of its own; row counts never timed lie on the line between their neighbours. Since a
/// pass never gets cheaper by a row, the means are made monotone (pool adjacent violators: Ayer et al.
/// 1955), which also levels single noisy ones. Attention grows with rows times depth, so depths are
/// kept in bands that double, each with a curve of its own that starts as its neighbour's.
///
/// A pass of another size than the one before takes longer: the compute graph is built anew. On CUDA the
/// pass after that takes longer, too: the graph's launches are recorded, to be repeated from then on. Both
/// are learnt apart from what the rows cost.
class PassCost {
public:
    /// So many rows have costs of their own, which takes ten kilobytes for each band. A larger pass is taken
    /// to cost as much for each row as one of this size.
    static constexpr int max_rows = 320;

    /// The expected milliseconds. Before anything was observed they are 1, and 0.25 for each row beyond the
    /// first.
    double milliseconds(int rows, int depth) const;
    /// What a pass takes after one of the same size, whatever size the last one had.
    double steady_milliseconds(int rows, int depth) const;
    /// What a pass of another size than the last takes longer, and the next one of its size.
    double change_milliseconds() const { return fixed_ ? 0 : speed_ * (change_ + second_time()); }
    /// The rows of the last pass, which a pass of the same size is cheaper after; 0 before the first.
    int last_rows() const { return last_rows_; }
    /// Learns from a real pass. The best time to give is how long it kept the processors busy: how long it
    /// waited for them while other processes ran says nothing of its rows.
    void observe(int rows, int depth, double milliseconds);
    /// Learns from trial passes: `repeated` is the time after a pass of the same size, `changed` the time
    /// after one of another. What real passes have shown counts for more. At depths where the row count was
    /// never timed it is taken to cost as many single rows.
    void calibrate(int rows, double repeated, double changed, int depth = 0);
    /// A pass of so many rows was computed whose time says nothing.
    void skip(int rows);
    /// Whether the row count was timed at about this depth.
    bool timed(int rows, int depth) const;
    /// Whether none of the row counts in `first`…`last` was timed in real passes of late.
    bool unconfirmed(int first, int last, int depth) const;
    bool measured() const { return !bands_.empty(); }

    /// A fixed cost of 1 + `per_row` · (rows - 1) at any depth, for replay; `observe` does not change it.
    static PassCost linear(double per_row);
    /// A fixed cost at any depth of the passes listed, in any order, and made of them for all other sizes.
    /// `times` is not empty, its rows lie in 1…`max_rows`.
    static PassCost staircase(std::span<const PassTime> times);

private:
    struct Cell {
        double mean = 0;   ///< The mean of the row count's times, in milliseconds at speed 1.
        double weight = 0; ///< How much that mean weighs, in the band's unit.
        double shown = 0;  ///< The mean that the curve was made of; 0 where it was made without.
    };
    struct Band {
        int index;
        /// What a weight of 1 in the cells is worth by now. All weights decay with each observation, so the
        /// unit shrinks in their place.
        double unit = 1;
        std::array<Cell, max_rows + 1> cells{};
        std::array<double, max_rows + 1> curve{}; ///< The cells' means, made monotone, with the gaps filled.

        double weight(int rows) const { return cells[rows].weight * unit; }
        void decay_all();
        /// Makes the curve anew where the cell has moved away from it.
        void show(int rows, double per_row);
        void fill(double per_row);
    };

    /// The band nearest to `index`; there is one at least.
    const Band & nearest(int index) const;
    Band & at(int index);

    /// Where a second pass takes no longer, noise makes it negative as often as not.
    double second_time() const { return second_ > 0 ? second_ : 0; }

    std::vector<Band> bands_;
    double speed_ = 1;  ///< How many milliseconds one of the curve takes now.
    double change_ = 0; ///< How many milliseconds at speed 1 a pass takes longer than after one of its size.
    double second_ = 0; ///< The same of the second pass of a size in a row, beside the third.
    int last_rows_ = 0;
    int repeats_ = 0; ///< So many passes before the last had its size.
    double per_row_ = 0.25;
    bool fixed_ = false;
};

} // namespace reprise::draft
