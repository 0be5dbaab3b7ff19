#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "engine/with_errors.h"

namespace reprise {

/// Posted work whose caller may give it up.
struct Call {
    std::atomic<bool> aborted = false;
};

/// A thread that makes steps for as long as there are any, and runs posted work between them. A family gives
/// it its steps: the rounds of `Family::make_round`, whose passes `VerifyPass` fills and computes. Once it
/// has had nothing to do for a while, it may do what nobody waits for.
class DecodeThread {
public:
    /// What the thread does; all of it is called there, and none of it throws.
    struct Duties {
        std::function<void()> begin;    ///< called once, before all else
        std::function<bool()> has_step; ///< whether there is a step to make
        std::function<void()> step;
        std::function<bool()> has_spare; ///< whether there is something that nobody waits for
        /// Does some of that, and returns soon after there is anything else to do (`has_other_work`).
        std::function<void()> spare;
        /// Runs posted work, and gives the second what it throws.
        std::function<void(const std::function<void()> &, const OnError &)> run;
        std::function<void()> end; ///< called once, after all else
    };

    /// Throws Error OUT_OF_MEMORY where the system has no thread left.
    explicit DecodeThread(Duties duties);
    /// Lets the present step end, and joins the thread. Posted work that was not run gets Error DISPOSED.
    /// Never called on the thread itself.
    ~DecodeThread();
    DecodeThread(const DecodeThread &) = delete;
    DecodeThread & operator=(const DecodeThread &) = delete;

    /// Runs `work` between two steps; what it throws goes to `on_error`. Any thread may call it.
    void post(std::function<void()> work, OnError on_error, std::shared_ptr<Call> call = {});
    /// Gives posted work up. Where it has not begun, its `on_error` gets Error ABORTED at once, on this
    /// thread; else `require_wanted` throws that, and waiting for a worker ends. Any thread may call it.
    void abort(const std::shared_ptr<Call> & call);
    /// Whether the posted work that runs was given up. For the thread itself, as the next.
    bool call_aborted() const { return call_ && call_->aborted; }
    /// Throws Error ABORTED where the posted work that runs was given up.
    void require_wanted() const;
    /// Whether the thread is to end, or to run posted work. Any thread may ask.
    bool has_other_work() const;
    /// Asks the thread to end after its present step. Any thread may call it, and need not wait.
    void stop();
    /// Whether the thread is to end. Any thread may ask.
    bool stopping() const { return stopping_; }

private:
    struct Work {
        std::function<void()> run;
        OnError on_error;
        std::shared_ptr<Call> call; ///< none where it cannot be given up
    };

    void run();
    /// False when there was nothing but spare work for a while.
    bool wait();
    void run_posted();
    void run(const Work & work);
    /// The first of what is posted, or nothing.
    std::list<Work> take_first();
    std::list<Work> take_posted();

    Duties duties_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::list<Work> posted_;
    std::shared_ptr<Call> call_; ///< that of the posted work that runs
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

} // namespace reprise
