// What a build without CUDA says of texts on a device.
#ifndef REPRISE_HAS_CUDA

#include "device/cuda_text.h"
#include "device/device_failure.h"

namespace reprise::device {

std::shared_ptr<draft::TextDevice> cuda_text_device(const std::string &) {
    throw DeviceFailure("this build has no CUDA", false);
}

} // namespace reprise::device

#endif
