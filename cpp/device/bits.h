#pragma once

#include <cstdint>

#include "device/host_device.h"

#if defined(_MSC_VER) && !defined(__CUDA_ARCH__)
#include <intrin.h>
#endif

// C++17 has no <bit>.
namespace reprise::device {

/// The place of the highest bit of what is not 0.
REPRISE_HOST_DEVICE inline int highest_bit(uint32_t bits) {
#if defined(__CUDA_ARCH__)
    return 31 - __clz(static_cast<int>(bits));
#elif defined(_MSC_VER)
    unsigned long place;
    _BitScanReverse(&place, bits);
    return static_cast<int>(place);
#else
    return 31 - __builtin_clz(bits);
#endif
}

/// How many bits are 1.
REPRISE_HOST_DEVICE inline int count_bits(uint32_t bits) {
#if defined(__CUDA_ARCH__)
    return __popc(bits);
#elif defined(_MSC_VER)
    return static_cast<int>(__popcnt(bits));
#else
    return __builtin_popcount(bits);
#endif
}

} // namespace reprise::device
