#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace reprise::draft {

/// Asks for the memory to be mapped in huge pages where it is long enough for some. Walks that jump about a
/// long text would otherwise spend much of their time on page tables, most of all in a virtual machine.
inline void prefer_huge_pages([[maybe_unused]] void * data, [[maybe_unused]] size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    constexpr uintptr_t huge = uintptr_t{2} << 20;
    const auto address = reinterpret_cast<uintptr_t>(data);
    const uintptr_t begin = (address + huge - 1) & ~(huge - 1), end = (address + bytes) & ~(huge - 1);
    // Advice: where it is refused, nothing is lost.
    if (begin < end) madvise(reinterpret_cast<void *>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

} // namespace reprise::draft
