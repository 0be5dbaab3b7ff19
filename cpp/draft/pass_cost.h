#pragma once

#include <array>
#include <vector>

namespace reprise::draft {

/// Milliseconds of one verify pass by its rows (tokens of all members together) and the context's
/// depth (tokens before them). On real kernels the cost by rows is a staircase, so each row count
/// keeps a running mean of its own; row counts that were not measured lie on the line between their
/// measured neighbours. Depth is kept in bands that double.
class PassCost {
public:
    static constexpr int max_rows = 256;

    /// Expected milliseconds. Before anything was observed: 1 + 0.25 a row beyond the first.
    double milliseconds(int rows, int depth) const;
    void observe(int rows, int depth, double milliseconds);
    bool measured() const { return measured_; }

    /// A fixed cost of 1 + `per_row` · (rows - 1) at any depth, for replay; `observe` does not change it.
    static PassCost linear(double per_row);

private:
    struct Cell {
        float mean = 0;
        float weight = 0;
    };
    struct Band {
        std::array<Cell, max_rows + 1> cells{};
        std::array<float, max_rows + 1> curve{}; ///< `cells` with the gaps filled, never falling.
        bool measured = false;
    };

    static int band_of(int depth);
    static void fill(Band & band);

    std::vector<Band> bands_;
    double per_row_ = 0.25;
    bool fixed_ = false;
    bool measured_ = false;
};

} // namespace reprise::draft
