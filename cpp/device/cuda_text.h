#pragma once

#include <memory>
#include <string>

#include "draft/device_text.h"

namespace reprise::device {

/// The device that holds and searches texts by CUDA. Throws DeviceFailure, which says why, where there is
/// none.
std::shared_ptr<draft::TextDevice> cuda_text_device();

} // namespace reprise::device
