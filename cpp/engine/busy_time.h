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
    /// Counts from here on. `threads` compute, this one among them. It is 0 where something else computes (a
    /// GPU), or nobody knows; the time by the clock is taken then.
    explicit BusyTime(int threads) : threads_(threads), start_(processor_milliseconds()) {}

    /// The busy milliseconds since it was made, never more than `elapsed`, the milliseconds by the clock.
    double milliseconds(double elapsed) const {
        const double busy = threads_ > 0 ? (processor_milliseconds() - start_) / threads_ : 0;
        return busy > min_share * elapsed ? std::min(busy, elapsed) : elapsed;
    }

private:
    /// Where processor time is counted in steps of the scheduler's clock, a short pass may have none. So a
    /// share below this is taken for a gap in the counting.
    static constexpr double min_share = 0.05;

    /// The time of this thread where it computes alone, else of the whole process. Whoever else works in the
    /// process counts too, which the time by the clock bounds.
    double processor_milliseconds() const {
#if defined(_WIN32)
        return 0; // Windows counts in steps of 16 ms.
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
