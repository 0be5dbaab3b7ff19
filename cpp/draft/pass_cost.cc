#include "pass_cost.h"

#include <algorithm>
#include <bit>

namespace reprise::draft {

namespace {

/// Observations that a running mean remembers: enough to average noise out, few enough to follow a
/// machine that slows down.
constexpr double memory = 32;
/// Share of a new observation in the present speed.
constexpr double speed_share = 0.15;
/// What an observation's weight keeps with each later observation of any row count.
constexpr double fading = 0.998;
/// One slow pass (another process, a page fault) must not move the table far.
constexpr double most_change = 3;
constexpr int first_band_depth = 256;

void average_in(double & mean, double & weight, double value) {
    if (weight >= 1) value = std::clamp(value, mean / most_change, mean * most_change);
    weight = std::min(weight + 1, memory);
    mean += (value - mean) / weight;
}

} // namespace

PassCost PassCost::linear(double per_row) {
    PassCost cost;
    cost.per_row_ = per_row;
    cost.fixed_ = true;
    return cost;
}

int PassCost::band_of(int depth) {
    return std::bit_width(static_cast<unsigned>(std::max(depth, 0)) / first_band_depth);
}

/// A band that was never timed takes its shallower neighbour's factor.
double PassCost::factor(int band) const {
    for (int i = std::min(band, static_cast<int>(factors_.size()) - 1); i > 0; --i)
        if (factors_[i].weight > 0) return factors_[i].mean;
    return 1;
}

double PassCost::milliseconds(int rows, int depth) const {
    rows = std::max(rows, 1);
    if (fixed_ || !measured_) return 1 + per_row_ * (rows - 1);
    const double at = curve_[std::min(rows, max_rows)] * factor(band_of(depth)) * speed_;
    return rows <= max_rows ? at : at * rows / max_rows;
}

void PassCost::observe(int rows, int depth, double milliseconds) {
    if (fixed_ || rows < 1 || rows > max_rows || !(milliseconds > 0)) return;
    const int band = band_of(depth);
    if (cells_[rows].weight > 0) {
        const double expected = this->milliseconds(rows, depth);
        const double ratio = std::clamp(milliseconds / expected, 1 / most_change, most_change);
        speed_ *= 1 + speed_share * (ratio - 1);
    }
    if (band > 0 && measured_) {
        if (static_cast<int>(factors_.size()) <= band) factors_.resize(band + 1);
        Cell & cell = factors_[band];
        if (cell.weight == 0) cell = {factor(band), 1};
        average_in(cell.mean, cell.weight, milliseconds / (curve_[rows] * speed_));
    }
    for (Cell & cell : cells_) cell.weight *= fading;
    average_in(cells_[rows].mean, cells_[rows].weight, milliseconds / (factor(band) * speed_));
    measured_ = true;
    fill();
}

void PassCost::fill() {
    struct Block {
        int first, last; // row counts
        double mean, weight;
    };
    std::array<Block, max_rows> blocks;
    int count = 0;
    for (int rows = 1; rows <= max_rows; ++rows) {
        if (cells_[rows].weight <= 0) continue;
        Block block{rows, rows, cells_[rows].mean, cells_[rows].weight};
        while (count > 0 && blocks[count - 1].mean >= block.mean) {
            const Block & before = blocks[--count];
            const double weight = before.weight + block.weight;
            block = {before.first, block.last,
                     (before.mean * before.weight + block.mean * block.weight) / weight, weight};
        }
        blocks[count++] = block;
    }

    std::fill(curve_.begin(), curve_.begin() + blocks[0].first, blocks[0].mean);
    for (int i = 0; i < count; ++i) {
        const Block & block = blocks[i];
        std::fill(curve_.begin() + block.first, curve_.begin() + block.last + 1, block.mean);
        if (i + 1 == count) break;
        const Block & next = blocks[i + 1];
        for (int rows = block.last + 1; rows < next.first; ++rows)
            curve_[rows] = block.mean + (next.mean - block.mean) * (rows - block.last) / (next.first - block.last);
    }
    const Block & last = blocks[count - 1];
    const double slope = count > 1 ? (last.mean - blocks[0].mean) / (last.first - blocks[0].last)
                                   : per_row_ * last.mean;
    for (int rows = last.last + 1; rows <= max_rows; ++rows)
        curve_[rows] = last.mean + slope * (rows - last.last);
}

} // namespace reprise::draft
