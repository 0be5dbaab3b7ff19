#include "draft/pass_cost.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

namespace reprise::draft {

namespace {

// The shares and weights are such that the table follows a machine that changes within some tens of passes,
// but not a single pass that something disturbed (test/native/draft/pass_cost.cc).

/// A new observation's least share in its row count's mean.
constexpr double min_share = 1.0 / 32;
/// A new observation's share in the machine's speed, which changes as other processes come and go.
constexpr double speed_share = 0.15;
/// A new observation's share in what a change of size takes.
constexpr double change_share = 1.0 / 16;
/// A trial pass weighs this much, beside 1 for a real one, so that the first real ones may overrule it.
constexpr double calibration_weight = 0.25;
/// A pass of another size than the last weighs this much, beside 1 for one of the same: what the change took
/// is known roughly, so it says little of its row count.
constexpr double changed_weight = 0.05;
/// The share of an observation's weight that is left after each later one of any row count.
constexpr double decay = 0.998;
/// A new band takes over its neighbour's means, each with this weight at most.
constexpr double borrowed_weight = 2;
/// An observation counts as off by this factor at most: a pass during which another process had the processor
/// takes many times as long, and must not move the table far.
constexpr double max_change = 1.5;
/// The factor before a mean is firm: a calibration may have been wrong, and deeper passes take longer.
constexpr double max_change_at_first = 3;
/// A mean is firm once it has the weight of so many observations.
constexpr double firm_weight = 2;
/// How far a mean may move before the curve follows it: making the curve takes longer than all the rest.
constexpr double unseen_change = 0.01;
/// Weights are written in a new unit once theirs is below this, long before a double could not hold them.
constexpr double min_unit = 1e-9;
/// A range of row counts wants confirming where its observations weigh less than this for every two row
/// counts.
constexpr double confirmed_weight = 0.5;
/// The depth up to which the first band reaches; later ones double. Attention over so few cells costs next to
/// nothing beside the weights.
constexpr int first_band_depth = 256;

int band_of(int depth) {
    return std::bit_width(static_cast<unsigned>(std::max(depth, 0)) / first_band_depth);
}

} // namespace

PassCost PassCost::linear(double per_row) {
    PassCost cost;
    cost.per_row_ = per_row;
    cost.fixed_ = true;
    return cost;
}

PassCost PassCost::staircase(std::span<const PassTime> times) {
    PassCost cost;
    Band & band = cost.at(0);
    for (const PassTime & time : times) band.cells[time.rows] = {time.milliseconds, 1, time.milliseconds};
    band.fill(cost.per_row_);
    cost.fixed_ = true;
    return cost;
}

const PassCost::Band & PassCost::nearest(int index) const {
    return *std::min_element(bands_.begin(), bands_.end(), [&](const Band & a, const Band & b) {
        return std::abs(a.index - index) < std::abs(b.index - index);
    });
}

PassCost::Band & PassCost::at(int index) {
    for (Band & band : bands_)
        if (band.index == index) return band;
    Band band = bands_.empty() ? Band() : nearest(index);
    band.index = index;
    for (Cell & cell : band.cells) cell.weight = std::min(cell.weight * band.unit, borrowed_weight);
    band.unit = 1;
    bands_.push_back(band);
    return bands_.back();
}

double PassCost::steady_milliseconds(int rows, int depth) const {
    rows = std::max(rows, 1);
    if (!measured()) return 1 + per_row_ * (rows - 1);
    const double within = speed_ * nearest(band_of(depth)).curve[std::min(rows, max_rows)];
    return rows <= max_rows ? within : within * rows / max_rows;
}

double PassCost::milliseconds(int rows, int depth) const {
    const double steady = steady_milliseconds(rows, depth);
    if (fixed_ || !measured()) return steady;
    if (std::max(rows, 1) != last_rows_) return steady + speed_ * change_;
    return repeats_ > 0 ? steady : steady + speed_ * second_time();
}

void PassCost::calibrate(int rows, double repeated, double changed, int depth) {
    if (fixed_ || rows < 1 || rows > max_rows || !(repeated > 0)) return;
    const double change = (changed - repeated) / speed_;
    if (change > 0) change_ = change_ > 0 ? std::min(change_, change) : change;
    Band & band = at(band_of(depth));
    if (band.weight(rows) > calibration_weight) return;
    const auto set = [&](Band & of, double mean) {
        of.cells[rows] = {mean, calibration_weight / of.unit, 0};
        of.show(rows, per_row_);
    };
    set(band, repeated / speed_);
    for (Band & other : bands_)
        if (other.cells[rows].shown <= 0) set(other, repeated / speed_ * other.curve[1] / band.curve[1]);
}

void PassCost::skip(int rows) {
    if (fixed_) return;
    last_rows_ = rows;
    repeats_ = 0;
}

bool PassCost::timed(int rows, int depth) const {
    return !bands_.empty() && nearest(band_of(depth)).cells[rows].shown > 0;
}

void PassCost::observe(int rows, int depth, double milliseconds) {
    if (fixed_ || rows < 1 || rows > max_rows || !(milliseconds > 0)) return;
    const bool changed = rows != last_rows_;
    last_rows_ = rows;
    repeats_ = changed ? 0 : repeats_ + 1;
    const bool second = repeats_ == 1;
    Band & band = at(band_of(depth));
    Cell & cell = band.cells[rows];
    const bool firm = band.weight(rows) >= firm_weight;
    const double usual = band.curve[1] > 0 ? steady_milliseconds(rows, depth) : 0;
    if (firm && changed) {
        const double extra = std::clamp((milliseconds - usual) / speed_, 0.0, usual / speed_);
        change_ += change_share * (extra - change_);
    } else if (firm) {
        const double extra = second ? speed_ * second_time() : 0;
        const double ratio = std::clamp((milliseconds - extra) / usual, 1 / max_change, max_change);
        if (second) {
            const double more = std::clamp((milliseconds - usual) / speed_, -usual / speed_, usual / speed_);
            second_ += change_share * (more - second_);
        }
        speed_ *= 1 + speed_share * (ratio - 1);
    }
    band.decay_all();
    const double extra = changed ? change_ : second ? second_time() : 0;
    double value = std::max(milliseconds / speed_ - extra, milliseconds / speed_ / 2);
    if (firm)
        value = std::clamp(value, cell.mean / max_change, cell.mean * max_change);
    else if (usual > 0)
        value = std::clamp(value, usual / speed_ / max_change_at_first, usual / speed_ * max_change_at_first);
    const double known = band.weight(rows);
    const double weight = changed ? changed_weight : 1;
    cell.mean += weight * std::max(1 / (known + weight), min_share) * (value - cell.mean);
    cell.weight = (known + weight) / band.unit;
    band.show(rows, per_row_);
}

bool PassCost::unconfirmed(int first, int last, int depth) const {
    if (fixed_ || !measured()) return false;
    const Band & band = nearest(band_of(depth));
    double weight = 0;
    for (int rows = first; rows <= std::min(last, max_rows); ++rows) weight += band.weight(rows);
    return weight < confirmed_weight * (last - first + 1) / 2;
}

void PassCost::Band::decay_all() {
    unit *= decay;
    if (unit > min_unit) return;
    for (Cell & cell : cells) cell.weight *= unit;
    unit = 1;
}

void PassCost::Band::show(int rows, double per_row) {
    Cell & cell = cells[rows];
    if (cell.shown > 0 && std::abs(cell.mean - cell.shown) <= unseen_change * cell.shown) return;
    cell.shown = cell.mean;
    fill(per_row);
}

void PassCost::Band::fill(double per_row) {
    struct Block {
        int first, last; // row counts
        double mean;
    };
    std::array<Block, max_rows> blocks;
    int count = 0;
    for (int rows = 1; rows <= max_rows; ++rows) {
        if (cells[rows].shown <= 0) continue;
        Block block{rows, rows, cells[rows].shown};
        while (count > 0 && blocks[count - 1].mean >= block.mean) block.first = blocks[--count].first;
        blocks[count++] = block;
    }

    std::fill(curve.begin(), curve.begin() + blocks[0].first, blocks[0].mean);
    for (int i = 0; i < count; ++i) {
        const Block & block = blocks[i];
        std::fill(curve.begin() + block.first, curve.begin() + block.last + 1, block.mean);
        if (i + 1 == count) break;
        const Block & next = blocks[i + 1];
        for (int rows = block.last + 1; rows < next.first; ++rows)
            curve[rows] =
                block.mean + (next.mean - block.mean) * (rows - block.last) / (next.first - block.last);
    }
    const Block & last = blocks[count - 1];
    const double slope =
        count > 1 ? (last.mean - blocks[0].mean) / (last.first - blocks[0].last) : per_row * last.mean;
    for (int rows = last.last + 1; rows <= max_rows; ++rows)
        curve[rows] = last.mean + slope * (rows - last.last);
}

} // namespace reprise::draft
