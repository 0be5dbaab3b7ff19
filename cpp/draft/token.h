#pragma once

#include <cstdint>

namespace reprise::draft {

using Token = int32_t;
/// Not a token: separates documents.
inline constexpr Token separator = -1;

} // namespace reprise::draft
