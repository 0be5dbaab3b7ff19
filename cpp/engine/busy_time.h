#pragma once

#include <algorithm>

#if !defined(_WIN32)
#include <time.h>
#endif

namespace reprise {

/// The time that a pass kept the processors busy, which other processes do not lengthen as they lengthen the
/// time by the clock: while a thread waits for a processor its own time stands still.
class BusyTime {
public:
    /// From here on. `threads` compute, this one among them; 0 where something else does (a GPU), or nobody
    /// knows: then it is the time by the clock.
    explicit BusyTime(int threads) : threads_(threads), start_(processor_milliseconds()) {}

    /// `elapsed`: milliseconds by the clock since it was made, which it never exceeds.
    double milliseconds(double elapsed) const {
        const double busy = threads_ > 0 ? (processor_milliseconds() - start_) / threads_ : 0;
        // Where processor time is counted in steps of the scheduler's clock, a short pass may have none.
        return busy > min_share * elapsed ? std::min(busy, elapsed) : elapsed;
    }

private:
    static constexpr double min_share = 0.05;

    /// Of this thread where it computes alone, else of the whole process: whoever else works in it counts
    /// too, which the time by the clock bounds.
    double processor_milliseconds() const {
#if defined(_WIN32)
        return 0; // known in steps of 16 ms alone
#else
        if (threads_ <= 0) return 0;
        timespec time;
        if (clock_gettime(threads_ == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_PROCESS_CPUTIME_ID, &time) != 0)
            return 0;
        return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
#endif
    }

    int threads_;
    double start_;
};

} // namespace reprise
