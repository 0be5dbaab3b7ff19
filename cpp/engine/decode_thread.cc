#include "engine/decode_thread.h"

#include <algorithm>
#include <chrono>

#include "engine/threads.h"

namespace reprise {

namespace {

/// Who has made a session, or read an answer, mostly asks for the next one within this time.
constexpr auto time_before_spare = std::chrono::milliseconds(20);

Error given_up() {
    return {ErrorCode::aborted, "The call was aborted"};
}

} // namespace

DecodeThread::DecodeThread(Duties duties) : duties_(std::move(duties)) {
    thread_ = start_thread([this] { run(); });
}

DecodeThread::~DecodeThread() {
    stop();
    thread_.join();
}

void DecodeThread::stop() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
}

void DecodeThread::post(std::function<void()> work, OnError on_error, std::shared_ptr<Call> call) {
    {
        std::lock_guard lock(mutex_);
        posted_.push_back({std::move(work), std::move(on_error), std::move(call)});
    }
    wake_.notify_one();
}

void DecodeThread::abort(const std::shared_ptr<Call> & call) {
    call->aborted = true;
    std::list<Work> not_begun;
    {
        std::lock_guard lock(mutex_);
        const auto work =
            std::find_if(posted_.begin(), posted_.end(), [&](const Work & one) { return one.call == call; });
        if (work != posted_.end()) not_begun.splice(not_begun.end(), posted_, work);
    }
    for (const Work & work : not_begun) work.on_error(given_up());
}

void DecodeThread::require_wanted() const {
    if (call_aborted()) throw given_up();
}

std::list<DecodeThread::Work> DecodeThread::take_first() {
    std::list<Work> first;
    std::lock_guard lock(mutex_);
    if (!posted_.empty()) first.splice(first.end(), posted_, posted_.begin());
    return first;
}

std::list<DecodeThread::Work> DecodeThread::take_posted() {
    std::list<Work> work;
    std::lock_guard lock(mutex_);
    work.swap(posted_);
    return work;
}

void DecodeThread::run(const Work & work) {
    call_ = work.call;
    duties_.run(
        [&] {
            require_wanted();
            work.run();
        },
        [&](const Error & error) {
            // The worker may have been given up for the sake of the abort.
            const bool is_lost = error.code() == ErrorCode::worker_unavailable;
            work.on_error(is_lost && call_aborted() ? given_up() : error);
        });
    call_.reset();
}

/// One after another, since those that have not begun can be withdrawn. What is posted meanwhile waits for
/// the next step.
void DecodeThread::run_posted() {
    size_t left;
    {
        std::lock_guard lock(mutex_);
        left = posted_.size();
    }
    for (; left > 0; --left)
        for (const Work & work : take_first()) run(work);
}

bool DecodeThread::has_other_work() const {
    std::lock_guard lock(mutex_);
    return stopping_ || !posted_.empty();
}

bool DecodeThread::wait() {
    std::unique_lock lock(mutex_);
    const auto has_work = [&] { return stopping_ || !posted_.empty() || duties_.has_step(); };
    if (duties_.has_spare()) return wake_.wait_for(lock, time_before_spare, has_work);
    wake_.wait(lock, has_work);
    return true;
}

void DecodeThread::run() {
    duties_.begin();
    while (true) {
        const bool has_work = wait();
        if (stopping_) break;
        if (!has_work) {
            duties_.spare();
            continue;
        }
        run_posted();
        duties_.step();
    }
    duties_.end();
    const auto refuse = [] { throw Error(ErrorCode::disposed, "The session was disposed"); };
    for (const Work & work : take_posted()) duties_.run(refuse, work.on_error);
}

} // namespace reprise
