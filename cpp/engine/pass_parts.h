#pragma once

#include <chrono>

namespace reprise {

/// Where the milliseconds of verify passes went.
struct PassParts {
    double drafting = 0;    ///< growing trees, and what drafters learn from a pass
    double compute = 0;     ///< the model's
    double sampling = 0;    ///< drawing from the logits, and the text of what was drawn
    double bookkeeping = 0; ///< all else: the batch's rows, the cache's cells, what passes cost

    double total() const { return drafting + compute + sampling + bookkeeping; }
    PassParts & operator+=(const PassParts & other) {
        drafting += other.drafting;
        compute += other.compute;
        sampling += other.sampling;
        bookkeeping += other.bookkeeping;
        return *this;
    }
};

/// Tells where the time since it was made has gone. Reading the clock takes some 30 ns, and a pass reads it
/// eight times.
class PartsWatch {
public:
    /// The time since the last call went to `part`.
    void spent_on(double PassParts::*part) {
        const auto now = std::chrono::steady_clock::now();
        parts_.*part += std::chrono::duration<double, std::milli>(now - last_).count();
        last_ = now;
    }
    /// All that was told so far.
    const PassParts & parts() const { return parts_; }

private:
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
    PassParts parts_;
};

} // namespace reprise
