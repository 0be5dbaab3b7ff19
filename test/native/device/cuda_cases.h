#pragma once

#include <cstdlib>

/// How many of so many random cases a test on a device runs: the share that REPRISE_DEVICE_CASES says, all of
/// them where it is not set. Under a sanitizer a kernel takes a hundred times as long.
inline int cuda_cases(int count) {
    const char * const share = std::getenv("REPRISE_DEVICE_CASES");
    return share ? static_cast<int>(count * std::atof(share)) : count;
}
