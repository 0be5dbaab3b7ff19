#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <thread>
#include <unordered_set>

#include <napi.h>

#include "addon/dispatcher.h"

namespace reprise {

class Family;
class SessionObject;

/// All state of one Node environment (the main thread or a worker). Its cleanup hook ends every native
/// thread before the environment goes down.
class Environment {
public:
    explicit Environment(Napi::Env env);

    static Environment & of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

    const std::shared_ptr<Dispatcher> & dispatcher() const { return dispatcher_; }

    /// A thread that is joined when it has ended, or at cleanup with `stop` set.
    struct Job {
        std::thread thread;
        std::atomic<bool> stop = false;
        std::atomic<bool> ended = false;
        std::function<void()> interrupt; ///< called at cleanup, for work that waits and cannot see `stop`
    };
    /// Runs `work`, which settles the operation, on a thread. Where the system has none left, the operation
    /// is rejected.
    std::shared_ptr<Job> start(Dispatcher::Id operation, std::function<void(Job &)> work);

    /// Cleanup ends the family's thread, whoever owns it then.
    void add(const std::shared_ptr<Family> & family);
    void add(SessionObject * session) { sessions_.insert(session); }
    void remove(SessionObject * session) { sessions_.erase(session); }

    Napi::FunctionReference model_class;
    Napi::FunctionReference session_class;
    Napi::FunctionReference chat_context_class;
    Napi::FunctionReference reply_format_class;

private:
    void shut_down();
    /// Tells all threads to end, without waiting for any.
    void stop();
    void reap(bool all);

    std::shared_ptr<Dispatcher> dispatcher_;
    std::list<std::shared_ptr<Job>> jobs_;
    std::list<std::weak_ptr<Family>> families_;
    std::unordered_set<SessionObject *> sessions_;
};

} // namespace reprise
