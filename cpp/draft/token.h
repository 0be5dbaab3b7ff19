#pragma once

#include <cstdint>

namespace reprise::draft {

using Token = int32_t;
/// Not a token: separates documents. What is below it stands for rows of images, and is never drafted.
inline constexpr Token separator = -1;

} // namespace reprise::draft
