#include "engine/calibration.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "engine/assertions.h"
#include "engine/busy_time.h"
#include "engine/error.h"
#include "engine/stopwatch.h"

namespace reprise {

namespace {

/// So long trials keep the processors busy in all. A slow model uses it up in one round; a fast one is
/// through with all rounds in less.
constexpr double budget_ms = 400;
/// The shortest of four times is seldom one that another process lengthened.
constexpr int max_rounds = 4;
/// Single rows, 0 here, come first: the change of size is told by them. Kernels compute rows in tiles of four
/// on CPUs and of eight on GPUs, so costs are a staircase: most of these are the ends of treads, the odd ones
/// are where a high step has been taken. The ends come first, so that a slow model, which uses the budget up
/// early, still gets a usable range.
constexpr int sizes[] = {1, 8, 16, 4, 32, 2, 12, 24, 9, 17, 6, 64, 48, 33};
/// Where so many rows cost no more than so many single ones, drafts may become longer still.
constexpr int many_rows = 32;
constexpr double many_pay_below = 8;
/// A pass may take so much more than its parts: two rows do where only single ones have a kernel.
constexpr double max_beyond_parts = 1.25;
/// A pass that seems disturbed is timed so often.
constexpr int max_repetitions = 3;
/// Times at depths that differ by more than this, and by more than an eighth, are not compared.
constexpr int same_depth = 256;

bool is_same_depth(int a, int b) {
    return std::abs(a - b) <= std::max(same_depth, std::max(a, b) / 8);
}

} // namespace

/// Times passes of any number of rows in a sequence of its own.
class Calibration::Trials {
public:
    /// Adds what passes take to `milliseconds`. Without a free sequence id nothing can be timed.
    Trials(Context & context, const Sequence * parent, double & milliseconds)
        : context_(context), milliseconds_(milliseconds), sequence_(context.acquire_sequence()),
          depth_(parent ? parent->cached() : 0), position_(parent ? parent->position(depth_) : 0) {
        if (sequence_ >= 0 && depth_ > 0)
            llama_memory_seq_cp(context_.cache(), parent->id(), sequence_, 0, position_);
    }
    ~Trials() {
        if (sequence_ >= 0) context_.release_sequence(sequence_);
    }
    Trials(const Trials &) = delete;
    Trials & operator=(const Trials &) = delete;

    Context & context() { return context_; }
    int depth() const { return depth_; }
    bool stopped() const { return status_ == DecodeStatus::aborted; }

    /// The milliseconds of a pass; 0 where it did not come to its end.
    double time(int rows, draft::PassCost & cost) {
        status_ = DecodeStatus::no_room;
        if (sequence_ < 0 || rows > context_.options().context_length - depth_) return 0;
        batch_.clear();
        for (int i = 0; i < rows; ++i)
            batch_.add(i % context_.model().vocabulary_size(), position_ + i, std::span(&sequence_, 1), true);
        batch_.add_inputs(static_cast<size_t>(rows) * context_.input_width());
        const Stopwatch watch;
        const BusyTime busy(context_.computing_threads());
        status_ = context_.decode(batch_);
        context_.synchronize();
        const double elapsed = busy.milliseconds(watch.milliseconds());
        llama_memory_seq_rm(context_.cache(), sequence_, position_, -1);
        cost.skip(rows);
        milliseconds_ += elapsed;
        return status_ == DecodeStatus::done ? elapsed : 0;
    }

private:
    Context & context_;
    double & milliseconds_;
    Batch batch_;
    llama_seq_id sequence_;
    int depth_; ///< how many cells are before the rows
    llama_pos position_;
    DecodeStatus status_ = DecodeStatus::no_room;
};

double milliseconds_in_parts(const std::map<int, double> & times, int rows) {
    double best = std::numeric_limits<double>::infinity();
    for (const auto & [part, milliseconds] : times) {
        if (part >= rows) break;
        const int parts = (rows + part - 1) / part;
        best = std::min(best, parts * milliseconds);
    }
    return best;
}

bool Calibration::begin(Context & context, draft::PassCost & cost) {
    const std::string what = "llama.cpp cannot compute the model's first pass: ";
    try {
        Trials trials(context, nullptr, milliseconds_);
        trials.time(1, cost); // It allocates, so it is not counted.
        return time_single(trials, cost);
    } catch (const AssertionFailed & failed) {
        context.give_up(failed.what());
        throw Error(ErrorCode::model_invalid, what + failed.what());
    } catch (const Error & error) {
        if (error.code() == ErrorCode::worker_unavailable) throw;
        throw Error(ErrorCode::model_invalid, what + error.what());
    }
}

Calibration::Step Calibration::step(Context & context, draft::PassCost & cost, const Sequence * parent) {
    context.use_threads(context.options().threads);
    Trials trials(context, parent, milliseconds_);
    if (!is_same_depth(trials.depth(), depth_)) {
        changed_.clear();
        repeated_ = 0;
    }
    depth_ = trials.depth();
    const int rows = sizes[next_];
    // Other sizes are told by single rows at their depth.
    const bool is_timed = rows == 1 || repeated_ == 0 ? time_single(trials, cost) : time(trials, cost, rows);
    if (!is_timed) return trials.stopped() ? Step::stopped : Step::impossible;
    if (rows == 1 || changed_.contains(rows)) advance(context, cost);
    return Step::timed;
}

double Calibration::next_milliseconds(const draft::PassCost & cost, int depth) const {
    const bool is_single = repeated_ == 0 || sizes[next_] == 1 || !is_same_depth(depth, depth_);
    return is_single ? 3 * cost.steady_milliseconds(1, depth) : cost.steady_milliseconds(sizes[next_], depth);
}

bool Calibration::time_single(Trials & trials, draft::PassCost & cost) {
    const auto shorter = [](double before, double now) { return before > 0 ? std::min(before, now) : now; };
    if (cost.last_rows() != 1) {
        const double milliseconds = trials.time(1, cost);
        if (milliseconds <= 0) return false;
        changed_[1] = shorter(changed_[1], milliseconds);
    }
    // The second pass of a size may be recorded on a GPU, for the third to repeat.
    if (trials.context().computing_threads() == 0) trials.time(1, cost);
    const double milliseconds = trials.time(1, cost);
    if (milliseconds <= 0) return false;
    repeated_ = shorter(repeated_, milliseconds);
    changed_.try_emplace(1, repeated_);
    for (const auto & [rows, timed] : changed_) apply(cost, rows);
    return true;
}

bool Calibration::time(Trials & trials, draft::PassCost & cost, int rows) {
    if (cost.last_rows() == rows && trials.time(1, cost) <= 0) return false;
    for (int i = 0; i < max_repetitions; ++i) {
        const double milliseconds = trials.time(rows, cost);
        if (milliseconds <= 0 && i == 0) return false;
        if (milliseconds <= 0) break;
        const auto [place, is_new] = changed_.try_emplace(rows, milliseconds);
        place->second = std::min(place->second, milliseconds);
        if (place->second <= max_beyond_parts * milliseconds_in_parts(changed_, rows)) break;
    }
    apply(cost, rows);
    return true;
}

void Calibration::apply(draft::PassCost & cost, int rows) const {
    const double milliseconds = changed_.at(rows);
    const double change = std::max(0.0, changed_.at(1) - repeated_);
    const double bound = max_beyond_parts * milliseconds_in_parts(changed_, rows);
    const double steady = rows == 1 ? repeated_ : std::max(milliseconds - change, milliseconds / 2);
    cost.calibrate(rows, std::min(steady, bound), std::min(milliseconds, bound), depth_);
}

void Calibration::advance(const Context & context, const draft::PassCost & cost) {
    const bool is_spent = milliseconds_ >= budget_ms && changed_.size() > 1;
    do {
        if (++next_ < std::ssize(sizes)) continue;
        next_ = 0;
        ++round_;
    } while (!is_wanted(context, cost, sizes[next_]));
    done_ = is_spent || round_ >= max_rounds;
}

bool Calibration::is_wanted(const Context & context, const draft::PassCost & cost, int rows) const {
    if (rows == 1) return true;
    if (rows > context.max_outputs() || rows > context.options().context_length) return false;
    if (round_ == 0 && cost.timed(rows, depth_)) return false;
    return rows <= many_rows ||
           cost.steady_milliseconds(many_rows, depth_) < many_pay_below * cost.steady_milliseconds(1, depth_);
}

} // namespace reprise
