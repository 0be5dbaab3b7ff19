#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "engine/session.h"

/// The model that REPRISE_TEST_MODEL names, loaded once.
std::shared_ptr<reprise::Model> test_model();

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

struct Said {
    std::string text;
    std::vector<reprise::Token> tokens;
    std::vector<float> margins;
    reprise::GenerationResult result;
    std::string error;
};

/// Generates and waits for the end. `on_chunk` is called on the decode thread.
Said generate(reprise::Session & session, reprise::GenerateOptions options,
              std::function<void(const reprise::Chunk &)> on_chunk = {});

reprise::GenerateOptions prompt_options(const std::string & prompt, reprise::DraftMode mode, int size = 16);
