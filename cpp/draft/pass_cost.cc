#include "pass_cost.h"

#include <algorithm>
#include <bit>

namespace reprise::draft {

namespace {
/// Observations that a running mean remembers: enough to average noise out, few enough to follow a
/// machine that slows down.
constexpr float memory = 16;
constexpr int first_band_depth = 512;
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

double PassCost::milliseconds(int rows, int depth) const {
    rows = std::max(rows, 1);
    if (fixed_ || !measured_) return 1 + per_row_ * (rows - 1);
    const int wanted = band_of(depth);
    int nearest = -1;
    for (int i = 0; i < static_cast<int>(bands_.size()); ++i)
        if (bands_[i].measured && (nearest < 0 || std::abs(i - wanted) < std::abs(nearest - wanted)))
            nearest = i;
    const Band & band = bands_[nearest];
    const double at = band.curve[std::min(rows, max_rows)];
    if (rows <= max_rows) return at;
    return at * rows / max_rows;
}

void PassCost::observe(int rows, int depth, double milliseconds) {
    if (fixed_ || rows < 1 || rows > max_rows || !(milliseconds > 0)) return;
    const size_t index = band_of(depth);
    if (bands_.size() <= index) bands_.resize(index + 1);
    Band & band = bands_[index];
    Cell & cell = band.cells[rows];
    // One slow pass (another process, a page fault) must not move the table far.
    const float value = cell.weight < 3 ? milliseconds : std::min<float>(milliseconds, 3 * cell.mean);
    cell.weight = std::min(cell.weight + 1, memory);
    cell.mean += (value - cell.mean) / cell.weight;
    band.measured = measured_ = true;
    fill(band);
}

void PassCost::fill(Band & band) {
    int previous = 0;
    double slope = 0;
    for (int rows = 1; rows <= max_rows; ++rows) {
        if (band.cells[rows].weight == 0) continue;
        const float mean = band.cells[rows].mean;
        if (previous == 0) {
            for (int i = 1; i <= rows; ++i) band.curve[i] = mean;
        } else {
            const float low = band.curve[previous], high = std::max(low, mean);
            for (int i = previous + 1; i <= rows; ++i)
                band.curve[i] = low + (high - low) * (i - previous) / (rows - previous);
            slope = (high - low) / (rows - previous);
        }
        previous = rows;
    }
    if (slope == 0) slope = 0.25 * band.curve[previous];
    for (int i = previous + 1; i <= max_rows; ++i)
        band.curve[i] = band.curve[previous] + slope * (i - previous);
}

} // namespace reprise::draft
