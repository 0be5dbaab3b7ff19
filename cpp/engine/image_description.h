#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "engine/image_spans.h"

namespace reprise {

/// What a saved state keeps of its history's images: where they are, which they are and how their rows stand,
/// without embeddings. The cells of their rows are in the state; nothing else needs the images, unless these
/// cells have to be computed again.
std::vector<std::byte> describe_images(const ImageSpans & images);

/// Gives the rows of a history that was saved with that description the ids that they have in this process,
/// and returns the images' chunks, which keep the ids valid. None where the description does not fit the
/// history.
std::optional<std::vector<std::shared_ptr<ImageChunk>>>
name_images(std::span<const std::byte> description, std::span<Token> history, ImageChunks & chunks);

} // namespace reprise
