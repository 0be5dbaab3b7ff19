#pragma once

#include <cstdint>

namespace reprise::draft {

using Token = int32_t;
/// Not a token: separates documents.
inline constexpr Token separator = -1;

/// Where the continuation that a draft token copies was said.
enum class Source : uint8_t { prompt, output, prediction, reference, earlier, recycled };
inline constexpr int source_count = 6;

} // namespace reprise::draft
