#include "addon/environment.h"

#include "addon/session_object.h"
#include "engine/family.h"
#include "engine/threads.h"

namespace reprise {

Environment::Environment(Napi::Env env) : dispatcher_(std::make_shared<Dispatcher>(env)) {
    // After the dispatcher: hooks run in reverse, so native threads end before its thread-safe function does.
    env.AddCleanupHook([this] { shut_down(); });
    // process.exit() and an uncaught exception run no cleanup hook, only the C library's exit handlers, which
    // destroy what a thread that still decodes is using.
    const auto global = env.Global().Get("process");
    if (!global.IsObject()) return; // a context of its own, such as a window's of Electron
    const auto process = global.As<Napi::Object>();
    const auto on_exit = Napi::Function::New(env, [this](const Napi::CallbackInfo &) { shut_down(); });
    process.Get("on").As<Napi::Function>().Call(process, {Napi::String::New(env, "exit"), on_exit});
}

std::shared_ptr<Environment::Job> Environment::start(Dispatcher::Id operation,
                                                     std::function<void(Job &)> work) {
    reap(false);
    auto job = std::make_shared<Job>();
    jobs_.push_back(job);
    try {
        job->thread = start_thread([work = std::move(work), raw = job.get()] {
            work(*raw);
            raw->ended = true;
        });
    } catch (const Error & error) {
        jobs_.pop_back();
        dispatcher_->reject(operation, error);
    }
    return job;
}

void Environment::add(const std::shared_ptr<Family> & family) {
    families_.remove_if([](const auto & known) { return known.expired(); });
    families_.push_back(family);
}

void Environment::stop() {
    for (const auto & known : families_)
        if (const auto family = known.lock()) family->stop();
    for (const auto & job : jobs_) {
        job->stop = true;
        if (job->interrupt) job->interrupt();
    }
}

void Environment::reap(bool all) {
    for (auto job = jobs_.begin(); job != jobs_.end();) {
        if (!all && !(*job)->ended) {
            ++job;
            continue;
        }
        (*job)->thread.join();
        job = jobs_.erase(job);
    }
}

void Environment::shut_down() {
    // All are told before the first is waited for: one whose worker hangs takes seconds to come to its end.
    stop();
    dispatcher_->close(); // with the families of sessions that are being made
    for (SessionObject * session : sessions_) session->release();
    sessions_.clear();
    reap(true);
}

} // namespace reprise
