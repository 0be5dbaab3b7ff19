#pragma once

#include <array>
#include <cstddef>

namespace reprise::draft {

/// Who searches a document that both an index and a device can search: whoever has taken less time. It does
/// not ask the device where no device can win: a launch takes as long as several searches of an index.
class SearchChoice {
public:
    /// Whether a device may win: for one context of a conversation in a large document, or for many.
    static bool is_worth_trying(size_t tokens, size_t contexts) {
        return tokens >= (contexts >= many ? min_tokens_for_many : min_tokens);
    }

    /// Whether the device is to search for so many contexts at once. Each way is tried anew at times.
    bool takes_device(size_t contexts) {
        Times & times = of(contexts);
        ++times.searches;
        if (times.index.count < trials) return false;
        if (times.device.count < trials) return true;
        const bool device = times.device.micros < times.index.micros;
        return times.searches % retry_every == 0 ? !device : device;
    }
    /// Takes note of how many microseconds a search for so many contexts took.
    void observe(size_t contexts, bool device, double micros) {
        Time & time = device ? of(contexts).device : of(contexts).index;
        // What a mean of few searches says is made up for by the next ones; the first finds caches cold.
        const double weight = time.count == 0 ? 1 : time.count < trials ? 0.5 : 0.125;
        time.micros += weight * (micros - time.micros);
        ++time.count;
    }

private:
    static constexpr size_t many = 8;
    /// An index takes 3 µs a search there, and a launch 10 at least.
    static constexpr size_t min_tokens = size_t{1} << 22, min_tokens_for_many = size_t{1} << 14;
    static constexpr int trials = 3;
    static constexpr int retry_every = 128;

    struct Time {
        double micros = 0; ///< of one search for all contexts
        int count = 0;
    };
    struct Times {
        Time index, device;
        int searches = 0;
    };
    /// By how many contexts there are: 1, 2 to 3, 4 to 7, …
    Times & of(size_t contexts) {
        size_t size = 0;
        while (contexts > 1 && size + 1 < times_.size()) {
            contexts /= 2;
            ++size;
        }
        return times_[size];
    }

    std::array<Times, 8> times_{};
};

} // namespace reprise::draft
