#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "device/noise.h"
#include "draft/token.h"

namespace reprise {

using device::mix;

/// Draws a token by the Gumbel-max trick (Gumbel 1954; Maddison et al., "A* Sampling", 2014): the one whose
/// score and noise together are the highest. The noise is hashed from seed, position and token.
///
/// Nearly all tokens lose without a logarithm: the noise grows with the bits of the hash, and a table says
/// how high they must be for the gap between the score and the second best.
class GumbelMax {
public:
    using Token = draft::Token;

    /// `position` is the number of tokens before the one that is drawn; `temperature` is above 0.
    GumbelMax(uint64_t seed, int64_t position, double temperature)
        : key_(device::noise_key(seed, position)), temperature_(temperature) {}

    /// Two of the tokens that will be offered. What is lower than both cannot change the draw.
    void expect(Token one, float logit, Token other, float other_logit) {
        const auto noised = [&](Token token, double of) { return of / temperature_ + noise(bits(token)); };
        raise(std::min(noised(one, logit), noised(other, other_logit)));
    }

    /// Takes one of the tokens to draw from. Each is offered once, in any order.
    void offer(Token token, float logit) {
        const uint64_t random = bits(token);
        if (logit < low_ && random < low_loses) return; // most end here
        if (!(logit > lowest)) return;
        const double score = static_cast<double>(logit) / temperature_;
        if (score + max_noise < second_ || loses(random, second_ - score)) return;
        take(token, score + noise(random));
    }

    /// Of equal ones it is the lowest token; 0 where none was offered.
    Token best_token() const { return best_token_; }
    /// The difference of the two best, noise included; infinite where only one token was offered.
    double margin() const { return best_ - offered_second_; }

private:
    static constexpr double lowest = -std::numeric_limits<double>::infinity();
    /// No noise is higher, but for one of 2^53, which is infinite.
    static constexpr double max_noise = 36.8;

    /// Where the table begins: so low is the noise of no more than one token in 10^23.
    static constexpr double first_gap = -4;
    static constexpr int steps = 16; ///< of the table, in a gap of 1
    static constexpr int gaps = static_cast<int>((max_noise - first_gap) * steps) + 1;
    /// With so large a gap 98 of 100 tokens lose by one comparison.
    static constexpr double low_gap = 4;
    /// Scores that are higher have less than the table's steps behind the point.
    static constexpr double coarse = 0x1.0p40;

    uint64_t bits(Token token) const { return device::noise_bits(key_, token); }
    /// Standard Gumbel noise of 53 random bits.
    static double noise(uint64_t random) {
        const double uniform = (static_cast<double>(random) + 0.5) * 0x1.0p-53;
        return -std::log(-std::log(uniform));
    }

    /// Whether the noise of these bits is surely less than the gap. Rounds to the safe side by a step.
    bool loses(uint64_t random, double gap) const {
        if (!(gap >= first_gap) || is_coarse_) return false;
        return random < losing_bits[step_of(gap)];
    }
    static constexpr int step_of(double gap) {
        return std::min(static_cast<int>((gap - first_gap) * steps), gaps - 1);
    }

    void take(Token token, double score) {
        if (score > best_ || (score == best_ && token < best_token_)) {
            offered_second_ = best_;
            best_ = score;
            best_token_ = token;
        } else if (score > offered_second_) {
            offered_second_ = score;
        } else {
            return;
        }
        raise(offered_second_);
    }

    void raise(double second) {
        if (!(second > second_)) return;
        second_ = second;
        is_coarse_ = std::abs(second) >= coarse;
        low_ = is_coarse_ ? lowest : (second - low_gap) * temperature_;
    }

    /// By the gap's step: bits below it lose.
    static inline const std::array<uint64_t, gaps> losing_bits = [] {
        std::array<uint64_t, gaps> table;
        for (int i = 0; i < gaps; ++i) {
            const double gap = first_gap + static_cast<double>(i - 1) / steps;
            const double bound = 0x1.0p53 + 0x1.0p53 * std::expm1(-std::exp(-gap));
            // noise() rounds the bits up by one where they fill a double.
            table[i] = static_cast<uint64_t>(std::max(0.0, std::floor(bound) - 2));
        }
        return table;
    }();

    static inline const uint64_t low_loses = losing_bits[step_of(low_gap)];

    uint64_t key_;
    double temperature_;
    Token best_token_ = 0;
    double best_ = lowest;
    double offered_second_ = lowest; ///< The second best of those that were offered.
    double second_ = lowest;         ///< The same, or a lower bound of what it will be.
    double low_ = lowest;            ///< A lower logit has a gap of more than `low_gap`.
    bool is_coarse_ = false;
};

} // namespace reprise
