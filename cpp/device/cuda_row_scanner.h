#pragma once

#include <memory>

#include "device/row_scan.h"

namespace reprise::device {

/// A scanner of rows that lie in the memory of a CUDA device: of the one that `logits` points into. Nothing
/// where they do not, or this build has no CUDA. Throws DeviceFailure.
std::unique_ptr<RowScanner> cuda_row_scanner(const float * logits);

} // namespace reprise::device
