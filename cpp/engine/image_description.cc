#include "engine/image_description.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace reprise {

namespace {

/// One image of a description; its rows follow it. There are no gaps, whose bytes could have any value.
struct Described {
    int32_t begin; ///< where in the history
    int32_t rows;
    int32_t positions;
    int32_t causal;
    int32_t has_axes;
    int32_t index;
    std::array<char, 64> image; ///< the id
};
static_assert(sizeof(Described) == 88);

template <typename T> void append(std::vector<std::byte> & bytes, const T & value) {
    const auto more = std::as_bytes(std::span(&value, 1));
    bytes.insert(bytes.end(), more.begin(), more.end());
}

template <typename T> bool take(std::span<const std::byte> & bytes, T & value) {
    if (bytes.size() < sizeof value) return false;
    std::memcpy(&value, bytes.data(), sizeof value);
    bytes = bytes.subspan(sizeof value);
    return true;
}

/// Whether rows stand as those of an image can: none behind where the text goes on.
bool fits(const Described & image, const std::vector<RowPosition> & rows) {
    return std::ranges::all_of(rows, [&](const RowPosition & row) {
        return row.time >= 0 && row.time < image.positions && row.y >= 0 && row.x >= 0;
    });
}

} // namespace

std::vector<std::byte> describe_images(const ImageSpans & images) {
    std::vector<std::byte> bytes;
    for (const ImageSpans::Span & span : images.all()) {
        const ImageChunk & chunk = *span.chunk;
        Described image{span.begin,
                        chunk.rows(),
                        chunk.positions(),
                        chunk.causal(),
                        chunk.layout().has_axes,
                        chunk.identity().index,
                        {}};
        chunk.identity().image.copy(image.image.data(), image.image.size());
        append(bytes, image);
        for (const RowPosition & row : chunk.layout().rows) append(bytes, row);
    }
    return bytes;
}

std::optional<std::vector<std::shared_ptr<ImageChunk>>>
name_images(std::span<const std::byte> description, std::span<Token> history, ImageChunks & chunks) {
    std::vector<std::shared_ptr<ImageChunk>> named;
    auto end = history.begin();
    while (!description.empty()) {
        Described image;
        if (!take(description, image)) return std::nullopt;
        const auto most = static_cast<int64_t>(description.size() / sizeof(RowPosition));
        const bool inside = image.begin >= end - history.begin() && image.rows > 0 && image.rows <= most &&
                            image.positions > 0 && image.positions <= image.rows &&
                            int64_t{image.begin} + image.rows <= std::ssize(history);
        if (!inside || std::any_of(end, history.begin() + image.begin, is_image_row)) return std::nullopt;
        ImageChunk::Layout layout{image.positions, image.causal != 0, image.has_axes != 0, {}};
        layout.rows.resize(image.rows);
        for (RowPosition & row : layout.rows) take(description, row);
        if (!fits(image, layout.rows)) return std::nullopt;
        const std::string id(image.image.data(), image.image.size());
        auto chunk = chunks.obtain({id, image.index}, std::move(layout));
        const auto rows = history.subspan(image.begin, image.rows);
        if (!std::ranges::all_of(rows, is_image_row)) return std::nullopt;
        for (int row = 0; row < image.rows; ++row) rows[row] = chunk->id_of(row);
        end = history.begin() + image.begin + image.rows;
        named.push_back(std::move(chunk));
    }
    if (std::any_of(end, history.end(), is_image_row)) return std::nullopt;
    return named;
}

} // namespace reprise
