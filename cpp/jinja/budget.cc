#include "jinja/budget.h"

namespace reprise::jinja {

namespace {

thread_local Budget * current = nullptr;

/// Whether to end is asked once in so many steps, which take some 40 µs.
constexpr size_t steps_between_looks = 1024;

} // namespace

Budget::Budget(const Limits & limits) : limits_(limits), outer_(current) {
    current = this;
}

Budget::~Budget() {
    current = outer_;
}

void Budget::step(size_t count) {
    if (!current) return;
    const size_t before = current->steps_;
    current->steps_ += count;
    if (current->steps_ > current->limits_.steps)
        throw Failure("it takes more than " + std::to_string(current->limits_.steps) +
                      " steps; it may loop without end");
    if (before / steps_between_looks != current->steps_ / steps_between_looks && current->limits_.stop &&
        *current->limits_.stop)
        throw Failure("it was stopped");
}

void Budget::bytes(size_t count) {
    if (!current) return;
    current->bytes_ += count;
    if (current->bytes_ > current->limits_.bytes)
        throw Failure("its values take more than " + std::to_string(current->limits_.bytes >> 20) + " MB");
    step(count / made_bytes_a_step);
}

Budget::Nested::Nested() {
    if (current && ++current->depth_ > current->limits_.depth) {
        --current->depth_;
        throw Failure("maximum recursion depth exceeded");
    }
}

Budget::Nested::~Nested() {
    if (current) --current->depth_;
}

} // namespace reprise::jinja
