#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace reprise {

/// Pixels in rows from the top left: red, green, blue, a byte each.
struct ImagePixels {
    uint32_t width = 0;
    uint32_t height = 0;
    std::vector<uint8_t> rgb;
};

/// No side of an image may be longer, in pixels,
inline constexpr int longest_image_side = 16'384;
/// and it may have no more pixels.
inline constexpr int64_t most_image_pixels = 64 * 1024 * 1024;

/// Decodes a JPEG, PNG, GIF (its first frame) or BMP file. What is transparent shows white. Throws Error
/// IMAGE_INVALID.
ImagePixels decode_image(std::span<const uint8_t> file);

/// From pixels of three or four bytes (red, green, blue, and how opaque they are), as decode_image has them.
/// Throws Error IMAGE_INVALID where there are not so many.
ImagePixels opaque_pixels(uint32_t width, uint32_t height, std::span<const uint8_t> bytes);

} // namespace reprise
