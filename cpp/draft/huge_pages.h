#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace reprise::draft {

/// Does what `realloc` does, but keeps the first `kept` bytes alone. From some megabytes on it asks for huge
/// pages: walks that jump about a long text would otherwise spend much of their time on page tables, most of
/// all in a virtual machine. There it copies, since `realloc` moves such memory to where its huge pages are
/// split.
inline void * reallocate(void * data, [[maybe_unused]] size_t kept, size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    constexpr size_t huge = size_t{2} << 20;
    if (bytes >= 2 * huge) {
        const size_t whole = (bytes + huge - 1) / huge * huge;
        void * const memory = std::aligned_alloc(huge, whole);
        if (memory == nullptr) return nullptr;
        // Advice: where it is refused, nothing is lost.
        madvise(memory, whole, MADV_HUGEPAGE);
        if (kept > 0) std::memcpy(memory, data, kept);
        std::free(data);
        return memory;
    }
#endif
    return std::realloc(data, bytes);
}

} // namespace reprise::draft
