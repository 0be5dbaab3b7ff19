#include "engine/calibrate.h"

#include <algorithm>
#include <limits>

#include "engine/assertions.h"
#include "engine/busy_time.h"
#include "engine/error.h"
#include "engine/stopwatch.h"

namespace reprise {

namespace {

/// A session is to be ready within half a second. A slow model uses it up in one round; a fast one is through
/// with all rounds in less.
constexpr double budget_ms = 400;
/// The shortest of four times is seldom one that another process lengthened.
constexpr int max_rounds = 4;
/// Kernels compute rows in tiles of four on CPUs and of eight on GPUs, so costs are a staircase: most of
/// these are the ends of treads, the odd ones are where a high step has been taken. The ends come first, so
/// that a slow model, which uses the budget up early, still gets a usable range.
constexpr int row_counts[] = {8, 16, 4, 32, 2, 12, 24, 9, 17, 6};
constexpr int many_row_counts[] = {64, 48, 33};
/// Where so many rows cost no more than so many single ones, drafts may become longer still.
constexpr int many_rows = 32;
constexpr double many_pay_below = 8;
/// A pass may take so much more than its parts: two rows do where only single ones have a kernel.
constexpr double max_beyond_parts = 1.25;
/// A pass that seems disturbed is timed so often.
constexpr int max_repetitions = 3;

/// Times passes of any number of rows on an empty cache.
class Trials {
public:
    explicit Trials(Context & context) : context_(context), sequence_(context.acquire_sequence()) {}
    ~Trials() { context_.release_sequence(sequence_); }
    Trials(const Trials &) = delete;
    Trials & operator=(const Trials &) = delete;

    bool fits(int rows) const {
        return rows <= context_.max_outputs() && rows <= context_.options().context_length;
    }

    /// The milliseconds of a pass; 0 where it did not come to its end.
    double time(int rows) {
        batch_.clear();
        for (int i = 0; i < rows; ++i)
            batch_.add(i % context_.model().vocabulary_size(), i, std::span(&sequence_, 1), true);
        const Stopwatch watch;
        const BusyTime busy(context_.computing_threads());
        const DecodeStatus status = context_.decode(batch_);
        context_.synchronize();
        const double elapsed = busy.milliseconds(watch.milliseconds());
        llama_memory_seq_rm(context_.cache(), sequence_, -1, -1);
        return status == DecodeStatus::done ? elapsed : 0;
    }

private:
    Context & context_;
    Batch batch_;
    llama_seq_id sequence_;
};

/// Keeps the shorter time: what disturbs a pass makes it longer.
bool take(std::map<int, double> & times, int rows, double milliseconds) {
    if (milliseconds <= 0) return false;
    const auto [place, is_new] = times.try_emplace(rows, milliseconds);
    if (!is_new) place->second = std::min(place->second, milliseconds);
    return true;
}

} // namespace

double milliseconds_in_parts(const std::map<int, double> & times, int rows) {
    double best = std::numeric_limits<double>::infinity();
    for (const auto & [part, milliseconds] : times) {
        if (part >= rows) break;
        const int parts = (rows + part - 1) / part;
        best = std::min(best, parts * milliseconds);
    }
    return best;
}

namespace {

bool time_passes(Context & context, draft::PassCost & cost) {
    Trials trials(context);
    // Each pass but the repeated single ones has another size than the one before.
    std::map<int, double> changed, repeated;
    trials.time(1); // The first pass allocates, so it is not counted.
    const Stopwatch watch;
    const auto goes_on = [&] { return watch.milliseconds() < budget_ms || changed.size() < 2; };
    const auto time = [&](int rows) {
        if (!take(changed, rows, trials.time(rows))) return false;
        for (int i = 1; i < max_repetitions && goes_on(); ++i) {
            if (changed[rows] <= max_beyond_parts * milliseconds_in_parts(changed, rows)) break;
            if (!take(changed, rows, trials.time(rows))) return false;
        }
        return goes_on();
    };
    const auto time_all = [&](std::span<const int> sizes) {
        return std::all_of(sizes.begin(), sizes.end(),
                           [&](int rows) { return !trials.fits(rows) || time(rows); });
    };
    for (int round = 0; round < max_rounds; ++round) {
        if (round > 0 && !take(changed, 1, trials.time(1))) break;
        // The second pass of a size may be recorded on a GPU, for the third to repeat.
        if (context.computing_threads() == 0) trials.time(1);
        if (!take(repeated, 1, trials.time(1))) break;
        changed.try_emplace(1, repeated[1]);
        if (!time_all(row_counts)) break;
        const auto many = changed.find(many_rows);
        const bool many_pay = many != changed.end() && many->second < many_pay_below * changed[1];
        if (many_pay && !time_all(many_row_counts)) break;
    }
    if (repeated.empty()) return false;
    const double change = std::max(0.0, changed[1] - repeated[1]);
    for (const auto & [rows, milliseconds] : changed) {
        const double bound = max_beyond_parts * milliseconds_in_parts(changed, rows);
        const double steady = rows == 1 ? repeated[1] : std::max(milliseconds - change, milliseconds / 2);
        cost.calibrate(rows, std::min(steady, bound), std::min(milliseconds, bound));
    }
    return cost.measured();
}

} // namespace

bool calibrate(Context & context, draft::PassCost & cost) {
    const std::string what = "llama.cpp cannot compute the model's first pass: ";
    try {
        return time_passes(context, cost);
    } catch (const AssertionFailed & failed) {
        context.give_up(failed.what());
        throw Error(ErrorCode::model_invalid, what + failed.what());
    } catch (const Error & error) {
        if (error.code() == ErrorCode::worker_unavailable) throw;
        throw Error(ErrorCode::model_invalid, what + error.what());
    }
}

} // namespace reprise
