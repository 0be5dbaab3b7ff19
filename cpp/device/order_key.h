#pragma once

#include <cstdint>
#include <cstring>

#include "device/host_device.h"
#include "device/ranked.h"

// The k highest logits of many are found by their keys, which are integers in the same order: bit by bit, the
// highest key is looked for that at least k of them reach.
namespace reprise::device {

/// Orders as the logit does; 0 for what cannot be chosen. 0 and -0 are equal.
REPRISE_HOST_DEVICE inline uint32_t order_key(float logit) {
    if (!(logit > lowest)) return 0;
    const float number = logit == 0 ? 0.0f : logit;
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits >> 31 ? ~bits : bits | 0x80000000u;
}

/// One step of the search: `found` with the bit set where at least `wanted` keys reach that.
REPRISE_HOST_DEVICE inline uint32_t with_bit(uint32_t found, int bit) {
    return found | uint32_t{1} << bit;
}

} // namespace reprise::device
