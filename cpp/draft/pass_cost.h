#pragma once

#include <array>
#include <vector>

namespace reprise::draft {

/// Milliseconds of one verify pass by its rows (tokens of all members together) and the context's
/// depth (tokens before them), from passes that were timed.
///
/// The time is taken as a curve over rows times a factor of the depth times the machine's present
/// speed. The speed follows quickly: when other processes come and go, or the clock changes, every row
/// count gets slower or faster together, also those that are not being used. On real kernels the curve is a
/// staircase, so each row count keeps a running mean of its own; row counts never timed lie on the
/// line between their neighbours. Since a pass never gets cheaper by a row, the means are made
/// monotone (pool adjacent violators: Ayer et al. 1955), which also levels single noisy ones. Depths
/// are kept in bands that double. What was timed long ago counts less and less.
class PassCost {
public:
    static constexpr int max_rows = 320;

    /// Expected milliseconds. Before anything was observed: 1 + 0.25 a row beyond the first.
    double milliseconds(int rows, int depth) const;
    void observe(int rows, int depth, double milliseconds);
    bool measured() const { return measured_; }

    /// A fixed cost of 1 + `per_row` · (rows - 1) at any depth, for replay; `observe` does not change it.
    static PassCost linear(double per_row);

private:
    struct Cell {
        double mean = 0;
        double weight = 0;
    };

    static int band_of(int depth);
    double factor(int band) const;
    void fill();

    std::array<Cell, max_rows + 1> cells_{}; ///< By rows, at depth 0 and speed 1.
    std::array<double, max_rows + 1> curve_{};
    std::vector<Cell> factors_; ///< By band; band 0 is 1.
    double speed_ = 1;          ///< Milliseconds now by milliseconds of the curve.
    double per_row_ = 0.25;
    bool fixed_ = false;
    bool measured_ = false;
};

} // namespace reprise::draft
