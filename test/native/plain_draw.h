#pragma once

#include <cmath>
#include <limits>
#include <span>

#include "engine/gumbel_max.h"

/// What GumbelMax gives, by its definition: the noise of every token is computed.
struct PlainDraw {
    reprise::draft::Token token = 0;
    double margin = 0;
};

inline PlainDraw plain_draw(std::span<const float> logits, uint64_t seed, int64_t position,
                            double temperature) {
    constexpr double lowest = -std::numeric_limits<double>::infinity();
    const uint64_t key = reprise::mix(seed + static_cast<uint64_t>(position) * 0xd1342543de82ef95ULL);
    PlainDraw draw;
    double best = lowest, second = lowest;
    for (size_t i = 0; i < logits.size(); ++i) {
        if (!(logits[i] > lowest)) continue;
        const uint64_t random = reprise::mix(key + 0x9e3779b97f4a7c15ULL * (i + 1)) >> 11;
        const double uniform = (static_cast<double>(random) + 0.5) * 0x1.0p-53;
        const double score = logits[i] / temperature - std::log(-std::log(uniform));
        if (score > best) {
            second = best;
            best = score;
            draw.token = static_cast<reprise::draft::Token>(i);
        } else if (score > second) {
            second = score;
        }
    }
    draw.margin = best - second;
    return draw;
}
