#include "engine/calibrate.h"

#include <algorithm>
#include <map>

#include "engine/stopwatch.h"

namespace reprise {

namespace {

constexpr double budget_ms = 400;
constexpr int most_rounds = 4;
/// Ends first, so that a slow model that uses the budget up early still gets a usable range.
constexpr int row_counts[] = {1, 8, 2, 16, 4, 32, 3, 6, 12, 24, 64, 48};

/// The shortest of several timings: another process may take the processor in the middle of any one.
struct Shortest {
    double milliseconds = 0;

    /// False for a pass that did not come to its end.
    bool take(double elapsed) {
        if (elapsed <= 0) return false;
        milliseconds = milliseconds > 0 ? std::min(milliseconds, elapsed) : elapsed;
        return true;
    }
};

double time_pass(Context & context, Batch & batch, llama_seq_id sequence, int rows) {
    batch.clear();
    for (int i = 0; i < rows; ++i)
        batch.add(i % context.model().vocabulary_size(), i, std::span(&sequence, 1), true);
    const Stopwatch watch;
    const DecodeStatus status = context.decode(batch);
    llama_synchronize(context.handle());
    const double elapsed = watch.milliseconds();
    llama_memory_seq_rm(context.memory(), sequence, -1, -1);
    return status == DecodeStatus::done ? elapsed : 0;
}

} // namespace

bool calibrate(Context & context, draft::PassCost & cost) {
    struct Times {
        Shortest changed, repeated;
    };
    std::map<int, Times> times;
    Batch batch;
    const llama_seq_id sequence = context.acquire_sequence();
    const auto take_both = [&](int rows) {
        return times[rows].changed.take(time_pass(context, batch, sequence, rows)) &&
               times[rows].repeated.take(time_pass(context, batch, sequence, rows));
    };
    time_pass(context, batch, sequence, 1); // the first pass allocates
    const Stopwatch watch;
    bool going = true;
    for (int round = 0; round < most_rounds && going; ++round) {
        for (const int rows : row_counts) {
            if (rows > context.most_outputs() || rows > context.options().context_length) continue;
            going = take_both(rows) && watch.milliseconds() < budget_ms;
            if (!going) break;
        }
    }
    context.release_sequence(sequence);
    for (const auto & [rows, taken] : times)
        if (taken.repeated.milliseconds > 0)
            cost.calibrate(rows, taken.repeated.milliseconds, taken.changed.milliseconds);
    return cost.measured();
}

} // namespace reprise
