#pragma once

// The formats that decode_image reads, of stb_image as llama.cpp has it. Its functions are compiled where
// REPRISE_STB_IMAGE is defined, and are no part of what the addon's file shows to others.
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_GIF
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_MAX_DIMENSIONS 16384

#ifdef REPRISE_STB_IMAGE
#define STB_IMAGE_IMPLEMENTATION
#endif

#include "stb/stb_image.h"
