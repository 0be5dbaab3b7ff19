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
    /// How many evaluations it may take. Of the templates in llama.cpp's source the one that takes most takes
    /// 6,700 for 21 messages. A template that loops without end reaches the default after about 0.8 s.
    size_t steps = 20'000'000;
    /// The bytes of all values that it makes, with those that are gone again.
    size_t bytes = 256 << 20;
    /// How many evaluations may be nested. Each takes the stack of the thread, which recursive macros and
    /// loops would use up. At this depth a macro that calls itself by a block takes 460 kB (x86-64), and
    /// macOS gives a thread 512 kB.
    int depth = 400;
    /// Set by another thread to end the rendering; null where none does.
    const std::atomic<bool> * stop = nullptr;
};

/// A step stands for an evaluation. Work that grows with a value counts a step for so many parts of the value
/// as take about as long, so that no filter or method of a large value escapes the limit of steps.
inline constexpr size_t compared_values_a_step = 8;
inline constexpr size_t copied_values_a_step = 16;
inline constexpr size_t decoded_bytes_a_step = 64;    ///< bytes whose code points are looked for one by one
inline constexpr size_t rewritten_bytes_a_step = 128; ///< bytes of a text whose method is called
inline constexpr size_t searched_bytes_a_step = 256;
inline constexpr size_t made_bytes_a_step = 256; ///< bytes of new values

/// Counts what the rendering on this thread takes, and ends it with a Failure. It is the thread's for as long
/// as it lives.
class Budget {
public:
    explicit Budget(const Limits & limits);
    ~Budget();
    Budget(const Budget &) = delete;
    Budget & operator=(const Budget &) = delete;

    /// Count what was done or made. They do nothing where this thread has no Budget.
    static void step(size_t count = 1);
    static void bytes(size_t count);

    /// One evaluation inside another, for as long as it lives.
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
    Budget * outer_; ///< the thread's Budget before this one
};

} // namespace reprise::jinja
