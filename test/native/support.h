#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "engine/session.h"

/// A model, and what its sessions learn.
struct TestModel {
    std::shared_ptr<reprise::Model> model;
    std::shared_ptr<reprise::Learnt> learnt;

    const reprise::Model * operator->() const { return model.get(); }
    const reprise::Model & operator*() const { return *model; }
};
/// The embedded model of the repository (CMakeLists.txt).
inline constexpr const char * test_model_path = REPRISE_TEST_MODEL;
/// That model, loaded once.
const TestModel & test_model();
/// The same, loaded anew: no session has learnt anything about it.
TestModel unused_model();

reprise::ContextOptions test_context(int context_length = 512);

/// A value that another thread gives.
template <typename T> class Later {
public:
    void give(T value) {
        std::lock_guard lock(mutex_);
        value_ = std::move(value);
        given_.notify_all();
    }
    T wait() {
        std::unique_lock lock(mutex_);
        given_.wait(lock, [&] { return value_.has_value(); });
        return std::move(*value_);
    }

private:
    std::mutex mutex_;
    std::condition_variable given_;
    std::optional<T> value_;
};

/// A session of its own family. The family is given beside it, as the addon keeps it.
std::unique_ptr<reprise::Session> test_session(const reprise::ContextOptions & options = test_context());

/// A session and what it holds, to be looked at on the decode thread.
struct TestMember {
    std::unique_ptr<reprise::Session> session;
    reprise::Member * member;
};
TestMember test_member(const TestModel & model, const reprise::ContextOptions & options = test_context());

/// A fork of the session.
TestMember test_fork(reprise::Session & parent);

/// Does the work there and waits for it.
void on_decode_thread(const reprise::Session & session, const std::function<void()> & work);

struct Said {
    std::string text;
    std::vector<reprise::Token> tokens;
    std::vector<float> margins;
    reprise::GenerationResult result;
    std::string error;
};

/// Generates and waits for the end. `on_chunk` and `on_progress`, of the prompt, are called on the decode
/// thread.
Said generate(reprise::Session & session, reprise::GenerateOptions options,
              std::function<void(const reprise::Chunk &)> on_chunk = {},
              std::function<void(int done, int total)> on_progress = {});

/// Equal tokens, but for what follows a choice so close that another batch shape may tip it.
void check_same_or_near_tie(const Said & plain, const Said & drafted);

reprise::GenerateOptions prompt_options(const std::string & prompt, reprise::DraftMode mode, int size = 16);
