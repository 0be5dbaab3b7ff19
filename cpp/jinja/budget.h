#pragma once

#include <atomic>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace reprise::jinja {

/// Why a template cannot be read or applied, in the words of Python's Jinja where it has them.
struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What one rendering may take. A template is a program, which may never end or fill the memory.
struct Limits {
    size_t steps = 20'000'000;
    size_t bytes = 256 << 20; ///< of all values that it makes, those that are gone again too
    int depth = 400;          ///< of nested evaluations: each takes the stack
    const std::atomic<bool> * stop = nullptr;
};

/// Counts what the rendering on this thread takes, and ends it with a Failure.
class Budget {
public:
    explicit Budget(const Limits & limits);
    ~Budget();
    Budget(const Budget &) = delete;
    Budget & operator=(const Budget &) = delete;

    /// Without a rendering on this thread they do nothing.
    static void step(size_t count = 1);
    static void bytes(size_t count);

    /// One evaluation inside another.
    class Nested {
    public:
        Nested();
        ~Nested();
        Nested(const Nested &) = delete;
        Nested & operator=(const Nested &) = delete;
    };

private:
    Limits limits_;
    size_t steps_ = 0;
    size_t bytes_ = 0;
    int depth_ = 0;
    Budget * outer_;
};

} // namespace reprise::jinja
