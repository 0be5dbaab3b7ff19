#include "../failing_allocation.h"

#include <climits>
#include <cstddef>
#include <new>

namespace {

thread_local int left = INT_MAX;

bool fails() {
    if (left == INT_MAX) return false;
    if (left == 0) return true;
    --left;
    return false;
}

} // namespace

FailingAllocation::FailingAllocation(int count) {
    left = count;
}

FailingAllocation::~FailingAllocation() {
    left = INT_MAX;
}

// The linker (--wrap) sends calls of realloc and operator new here.
extern "C" {
void * __real_realloc(void * data, size_t size);
void * __real__Znwm(size_t size);

void * __wrap_realloc(void * data, size_t size) {
    return fails() ? nullptr : __real_realloc(data, size);
}

void * __wrap__Znwm(size_t size) {
    if (fails()) throw std::bad_alloc();
    return __real__Znwm(size);
}
}
