#pragma once

#include <array>
#include <span>
#include <vector>

namespace reprise::draft {

/// What a pass of so many rows took.
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
/// A pass of another size than the one before takes longer: the compute graph is built anew. That is
/// learnt apart and counted for every size but the last one's.
class PassCost {
public:
    static constexpr int max_rows = 320;

    /// Expected milliseconds. Before anything was observed: 1 + 0.25 a row beyond the first.
    double milliseconds(int rows, int depth) const;
    /// The same in a row of passes of that size, whatever the last one's was.
    double steady_milliseconds(int rows, int depth) const;
    /// A real pass. Its time is best what it kept the processors busy: what it waited for them while other
    /// processes ran says nothing of its rows.
    void observe(int rows, int depth, double milliseconds);
    /// Times of trial passes on an empty cache, which the first real ones may overrule: after a pass of
    /// the same size, and after one of another.
    void calibrate(int rows, double repeated, double changed);
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
        double mean = 0;   ///< Milliseconds at speed 1.
        double weight = 0; ///< In the band's units.
        double shown = 0;  ///< The mean that the curve was made of; 0: none yet.
    };
    struct Band {
        int index;
        /// What a weight of 1 in the cells is worth by now: all fade with each observation.
        double unit = 1;
        std::array<Cell, max_rows + 1> cells{};
        std::array<double, max_rows + 1> curve{}; ///< `cells` made monotone, the gaps filled.

        double weight(int rows) const { return cells[rows].weight * unit; }
        void decay_all();
        /// Makes the curve anew where the cell has moved away from it.
        void show(int rows, double per_row);
        void fill(double per_row);
    };

    const Band & nearest(int index) const; ///< There is one.
    Band & at(int index);

    std::vector<Band> bands_;
    double speed_ = 1;  ///< Milliseconds now by milliseconds of the curve.
    double change_ = 0; ///< Milliseconds at speed 1 that another size than the last adds.
    int last_rows_ = 0;
    double per_row_ = 0.25;
    bool fixed_ = false;
};

} // namespace reprise::draft
