#pragma once

#include <cmath>
#include <cstdint>

#include "device/host_device.h"
#include "draft/token.h"

// The noise of draws by the Gumbel-max trick (engine/gumbel_max.h), as far as devices compute it too.
namespace reprise::device {

/// splitmix64's finaliser (Steele et al., 2014): every input bit reaches every output bit.
REPRISE_HOST_DEVICE inline uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

/// What the noise of every token is hashed from, where `position` tokens come before the one that is drawn.
REPRISE_HOST_DEVICE inline uint64_t noise_key(uint64_t seed, int64_t position) {
    return mix(seed + static_cast<uint64_t>(position) * 0xd1342543de82ef95ULL);
}

/// A token's 53 random bits. Its noise grows with them.
REPRISE_HOST_DEVICE inline uint64_t noise_bits(uint64_t key, draft::Token token) {
    return mix(key + 0x9e3779b97f4a7c15ULL * (static_cast<uint64_t>(token) + 1)) >> 11;
}

/// The approximation below is nearer than this to the noise that GumbelMax computes in double.
///
/// Let ε = 2⁻²³, a unit in the last place of 1, and let logarithms be wrong by at most two units (CUDA's
/// manual promises one for logf and log1pf). Below ½, u is wrong by ε at most as a share of it, and
/// e = −ln u ≥ 0.69 by 1.5 ε + 2 ε; above, 1 − u has an error of ε/2, which log1p makes 0.75 ε + 2 ε. So
/// ln e is wrong by at most 3.5 ε and two units of its own last place, which for the largest, 36.1, are
/// 32 ε each: 68 ε = 8.1e-6.
constexpr float noise_error = 1e-5f;
/// No noise is higher, but for one of 2^53, which is infinite.
constexpr float max_noise = 36.8f;
/// None is lower.
constexpr float min_noise = -3.7f;

REPRISE_HOST_DEVICE inline float approximate_noise(uint64_t random) {
    float exponential;
    if (random < uint64_t{1} << 52) {
        exponential = -logf((static_cast<float>(random) + 0.5f) * 0x1p-53f);
    } else {
        // A double holds no half beside so many bits: GumbelMax's sum is rounded to an even one.
        const uint64_t to_one = (uint64_t{1} << 53) - random - (random & 1);
        exponential = -log1pf(-(static_cast<float>(to_one) * 0x1p-53f));
    }
    return -logf(exponential);
}

} // namespace reprise::device
