#pragma once

#include <cstddef>

// The formats that decode_image reads, of stb_image as llama.cpp has it. Its functions are compiled where
// REPRISE_STB_IMAGE is defined.
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_GIF
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR

namespace reprise {

/// As long as it lives, stb_image gets no more memory at once on this thread: a small file may hold data that
/// unpacks to gigabytes.
class PictureMemory {
public:
    explicit PictureMemory(size_t most_bytes);
    ~PictureMemory();
    PictureMemory(const PictureMemory &) = delete;
    PictureMemory & operator=(const PictureMemory &) = delete;

    static void * allocate(size_t bytes) noexcept;
    static void * resize(void * block, size_t bytes) noexcept;
};

} // namespace reprise

#ifdef REPRISE_STB_IMAGE
#define STBI_MALLOC(bytes) reprise::PictureMemory::allocate(bytes)
#define STBI_REALLOC(block, bytes) reprise::PictureMemory::resize(block, bytes)
#define STBI_FREE(block) std::free(block)
#define STB_IMAGE_IMPLEMENTATION
#endif

#include "stb/stb_image.h"
