#include "engine/decode_thread.h"

#include "engine/threads.h"

namespace reprise {

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

void DecodeThread::post(std::function<void()> work, OnError on_error) {
    {
        std::lock_guard lock(mutex_);
        posted_.push_back({std::move(work), std::move(on_error)});
    }
    wake_.notify_one();
}

std::list<DecodeThread::Work> DecodeThread::take_posted() {
    std::list<Work> work;
    std::lock_guard lock(mutex_);
    work.swap(posted_);
    return work;
}

void DecodeThread::run() {
    duties_.begin();
    while (true) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [&] { return stopping_ || !posted_.empty() || duties_.has_step(); });
        }
        if (stopping_) break;
        for (const Work & work : take_posted()) duties_.run(work.run, work.on_error);
        duties_.step();
    }
    duties_.end();
    const auto refuse = [] { throw Error(ErrorCode::disposed, "The session was disposed"); };
    for (const Work & work : take_posted()) duties_.run(refuse, work.on_error);
}

} // namespace reprise
