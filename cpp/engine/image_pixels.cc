#include "engine/image_pixels.h"

#include <memory>
#include <string>

#include "engine/error.h"
#include "engine/stb_image.h"

namespace reprise {

namespace {

[[noreturn]] void refuse(const std::string & reason) {
    throw Error(ErrorCode::image_invalid, "The image cannot be read: " + reason);
}

void require_size(int64_t width, int64_t height) {
    if (width > 0 && height > 0 && width <= longest_image_side && height <= longest_image_side &&
        width * height <= most_image_pixels)
        return;
    refuse("it has " + std::to_string(width) + " x " + std::to_string(height) + " pixels, of at most " +
           std::to_string(longest_image_side) + " a side and " + std::to_string(most_image_pixels) +
           " in all; scale it down");
}

uint8_t on_white(uint8_t colour, uint8_t alpha) {
    return static_cast<uint8_t>((colour * alpha + 255 * (255 - alpha) + 127) / 255);
}

} // namespace

ImagePixels decode_image(std::span<const uint8_t> file) {
    constexpr const char * formats = "pass a JPEG, PNG, GIF or BMP file, or its pixels";
    int width = 0;
    int height = 0;
    int channels = 0;
    const int size = static_cast<int>(std::min<size_t>(file.size(), INT32_MAX));
    if (!stbi_info_from_memory(file.data(), size, &width, &height, &channels))
        refuse(std::string("it is of no known format; ") + formats);
    require_size(width, height);
    // Eight bytes for each of four channels' bits and for what stands in blocks; more is no image's.
    const PictureMemory memory(size_t{8} * (width + 64) * (height + 64) + (1 << 20));
    const std::unique_ptr<uint8_t, decltype(&stbi_image_free)> pixels(
        stbi_load_from_memory(file.data(), size, &width, &height, &channels, 4), stbi_image_free);
    if (!pixels) refuse(std::string("it is damaged (") + stbi_failure_reason() + "); " + formats);
    return opaque_pixels(width, height, {pixels.get(), size_t{4} * width * height});
}

ImagePixels opaque_pixels(uint32_t width, uint32_t height, std::span<const uint8_t> bytes) {
    require_size(width, height);
    const size_t count = size_t{width} * height;
    if (bytes.size() != 3 * count && bytes.size() != 4 * count)
        refuse("it has " + std::to_string(bytes.size()) + " bytes for " + std::to_string(width) + " x " +
               std::to_string(height) + " pixels of 3 or 4; correct its width and height");
    ImagePixels pixels{width, height, {}};
    if (bytes.size() == 3 * count) {
        pixels.rgb.assign(bytes.begin(), bytes.end());
        return pixels;
    }
    pixels.rgb.resize(3 * count);
    for (size_t i = 0; i < count; ++i)
        for (size_t channel = 0; channel < 3; ++channel)
            pixels.rgb[3 * i + channel] = on_white(bytes[4 * i + channel], bytes[4 * i + 3]);
    return pixels;
}

} // namespace reprise
