#pragma once

#include <memory>
#include <string>

#include "engine/family.h"

namespace reprise {

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

    /// `aborted`: it was aborted before it began.
    void prefill(std::vector<Token> tokens, std::function<void(int, int)> on_progress,
                 std::function<void(Prefilled)> on_done, OnError on_error, bool aborted = false);
    void generate(GenerateOptions options, GenerationListener listener, bool aborted = false);
    /// Takes effect within one pass.
    void abort();
    void history(std::function<void(std::vector<Token>)> on_done, OnError on_error);
    void rollback(int length, std::function<void()> on_done, OnError on_error);
    /// The fork is a member of the same family; the caller makes the session that holds it.
    void fork(std::function<void(Member *)> on_done, OnError on_error);
    void add_reference(std::vector<Token> tokens, std::function<void()> on_done, OnError on_error);
    void clear_references(std::function<void()> on_done, OnError on_error);
    void save(std::string path, std::function<void()> on_done, OnError on_error);
    void load(std::string path, std::function<void()> on_done, OnError on_error);
    /// Rows and milliseconds of a verify pass at the present depth.
    void cost_table(std::function<void(std::vector<std::pair<int, double>>)> on_done, OnError on_error);

private:
    /// Numbers an operation that is about to be posted.
    int begin(bool aborted);

    std::shared_ptr<Family> family_;
    Member * member_;
    int operations_ = 0;
};

} // namespace reprise
