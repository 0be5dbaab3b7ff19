#pragma once

#include <cstdint>

namespace reprise::draft {

using Token = int32_t;

/// Where the continuation that a draft token copies was said.
enum class Source : uint8_t { prompt, output, prediction, reference, earlier, recycled };
inline constexpr int source_count = 6;

} // namespace reprise::draft
