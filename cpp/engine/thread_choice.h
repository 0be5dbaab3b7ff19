#pragma once

namespace reprise {

/// How many threads compute passes. Where another process keeps a processor busy, all threads wait at every
/// operation for the one that shares it, so fewer threads are faster: with 2 processors, one of them busy, a
/// single row of the 0.5B shape takes 32 ms on two threads and 26 on one. Now and then it tries a thread less
/// or more for a few passes, and stays with what is faster by the clock.
class ThreadChoice {
public:
    /// `max` threads are the most that a pass may have.
    explicit ThreadChoice(int max) : max_(max), threads_(max) {}

    /// How many threads the next pass gets.
    int threads() const { return trial_ > 0 ? trial_ : threads_; }
    int max() const { return max_; }

    /// Takes what a pass cost. `slowness` is the time that it took on the clock, divided by what all threads
    /// take on an idle machine.
    void observe(double slowness);

private:
    void start_trial();

    int max_;
    int threads_;         ///< They compute all passes but a trial's.
    double slowness_ = 0; ///< The mean of `threads_` of late; 0 where nothing is known.
    int passes_ = 0;      ///< So many were observed since the last trial.
    int trial_ = 0;       ///< So many threads are tried; 0: there is no trial.
    int trial_passes_ = 0;
    double trial_sum_ = 0;
};

} // namespace reprise
