#pragma once

/// While one lives, the calling thread's allocations fail after the first `count`. Sees `realloc` and
/// `operator new` of what is linked into the tests; Linux only (`REPRISE_FAILING_ALLOCATION`).
class FailingAllocation {
public:
    explicit FailingAllocation(int count);
    ~FailingAllocation();
    FailingAllocation(const FailingAllocation &) = delete;
    FailingAllocation & operator=(const FailingAllocation &) = delete;
};
