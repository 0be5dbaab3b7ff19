#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <vector>

#include "engine/family.h"

namespace reprise {

/// How an operation of a session starts.
struct StartOptions {
    bool aborted = false; ///< It was aborted before it began.
};

/// What a user holds: a member of a family, which it keeps alive. Each call hands work to the decode
/// thread and returns; the callbacks come from there. Destroying a session ends what it is doing.
class Session {
public:
    Session(std::shared_ptr<Family> family, Member * member) : family_(std::move(family)), member_(member) {}
    ~Session();
    Session(const Session &) = delete;
    Session & operator=(const Session &) = delete;

    const std::shared_ptr<Family> & family() const { return family_; }

    struct Prefilled {
        int64_t prompt_tokens;
        int64_t reused_tokens;
        double milliseconds;
    };

    void prefill(std::vector<Token> tokens, std::function<void(int, int)> on_progress,
                 std::function<void(Prefilled)> on_done, OnError on_error, StartOptions start = {});
    void generate(GenerateOptions options, GenerationListener listener, StartOptions start = {});
    /// Takes effect within one pass.
    void abort();

    /// Calls `work(family, member)` between two rounds, one of operations.h for instance. `on_done` gets what
    /// it returns, and `on_error` what it throws. With a `call` it can be given up by `Family::abort`.
    template <typename Work, typename Done>
    void post(Work work, Done on_done, OnError on_error, std::shared_ptr<Call> call = {}) {
        family_->post(
            [family = family_.get(), member = member_, work = std::move(work), on_done = std::move(on_done)] {
                if constexpr (std::is_void_v<std::invoke_result_t<const Work &, Family &, Member &>>) {
                    work(*family, *member);
                    on_done();
                } else {
                    on_done(work(*family, *member));
                }
            },
            std::move(on_error), std::move(call));
    }

private:
    /// Numbers an operation that is about to be posted.
    int begin(StartOptions start);
    /// The images of a prompt, to be held until the decode thread has it.
    std::vector<std::shared_ptr<ImageChunk>> images_of(std::span<const Token> prompt) const;

    std::shared_ptr<Family> family_;
    Member * member_;
    int operations_ = 0;
};

} // namespace reprise
