#pragma once

#include <cmath>
#include <limits>
#include <random>
#include <vector>

/// Rows as models never give them, too: ties, flat stretches, -infinity, NaN, and scores that stand out.
class RandomLogits {
public:
    explicit RandomLogits(uint64_t seed) : random_(seed) {}

    int below(int limit) { return static_cast<int>(random_() % static_cast<uint64_t>(limit)); }
    uint64_t word() { return random_(); }
    double power_of_ten(double from, double to) {
        return std::pow(10.0, std::uniform_real_distribution<double>(from, to)(random_));
    }
    /// Mostly short, now and then of several chunks.
    int size() {
        if (below(500) == 0) return 1 + below(20'000);
        if (below(20) == 0) return 1 + below(700);
        return 1 + below(90);
    }
    std::vector<float> row(int size) {
        constexpr float infinity = std::numeric_limits<float>::infinity();
        std::normal_distribution<float> normal(static_cast<float>(below(3) - 1) * 50,
                                               static_cast<float>(power_of_ten(-3, 2.3)));
        const bool ties = below(4) == 0, holes = below(6) == 0, spoilt = below(10) == 0,
                   flat = below(15) == 0;
        std::vector<float> logits(size);
        for (float & logit : logits) {
            logit = flat ? 3 : normal(random_);
            if (ties) logit = std::round(logit);
            if (holes && below(3) == 0) logit = -infinity;
            if (spoilt && below(5) == 0) logit = std::numeric_limits<float>::quiet_NaN();
        }
        if (below(8) == 0) logits[below(size)] += 300;
        if (below(200) == 0) logits.assign(size, -infinity);
        return logits;
    }

private:
    std::mt19937_64 random_;
};
