#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <system_error>
#include <thread>
#include <vector>

namespace reprise::kernels {

/// More threads do not make copies in memory faster.
constexpr unsigned most_copiers = 8;

/// Calls `work(i)` for each i below `count`, on the processors that this process may use. `work` throws
/// nothing. Where the system has no thread left, those that there are do it all.
template <typename Work> void in_parallel(int64_t count, const Work & work) {
    std::atomic<int64_t> next = 0;
    const auto run = [&] {
        for (int64_t i = next++; i < count; i = next++) work(i);
    };
    const int64_t threads =
        std::min<int64_t>(count, std::min(std::thread::hardware_concurrency(), most_copiers));
    std::vector<std::thread> others;
    others.reserve(static_cast<size_t>(std::max<int64_t>(threads, 1) - 1));
    try {
        while (static_cast<int64_t>(others.size()) + 1 < threads) others.emplace_back(run);
    } catch (const std::system_error &) { // NOLINT(bugprone-empty-catch)
    }
    run();
    for (std::thread & other : others) other.join();
}

} // namespace reprise::kernels
