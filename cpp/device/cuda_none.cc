// What a build without CUDA says of its kernels.
#ifndef REPRISE_HAS_CUDA

#include "device/cuda_presence.h"

namespace reprise::device {

CudaPresence cuda_presence() {
    return {};
}

} // namespace reprise::device

#endif
