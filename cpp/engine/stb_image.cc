#include <cstdlib>
#include <limits>

#define REPRISE_STB_IMAGE
#include "engine/stb_image.h"

namespace reprise {

namespace {
constexpr size_t no_limit = std::numeric_limits<size_t>::max();
thread_local size_t most = no_limit;
} // namespace

PictureMemory::PictureMemory(size_t most_bytes) {
    most = most_bytes;
}

PictureMemory::~PictureMemory() {
    most = no_limit;
}

void * PictureMemory::allocate(size_t bytes) noexcept {
    return bytes > most ? nullptr : std::malloc(bytes);
}

void * PictureMemory::resize(void * block, size_t bytes) noexcept {
    return bytes > most ? nullptr : std::realloc(block, bytes);
}

} // namespace reprise
