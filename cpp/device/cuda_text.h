#pragma once

#include <memory>
#include <string>

#include "draft/device_text.h"

namespace reprise::device {

/// The device that holds and searches texts by CUDA: the one with this PCI address, or else the first. Throws
/// DeviceFailure, which says why, where there is none.
std::shared_ptr<draft::TextDevice> cuda_text_device(const std::string & pci_address = "");

} // namespace reprise::device
