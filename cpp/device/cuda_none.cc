// What a build without CUDA says of its kernels.
#ifndef REPRISE_HAS_CUDA

#include "device/cuda_presence.h"
#include "device/cuda_row_scanner.h"

namespace reprise::device {

CudaPresence cuda_presence() {
    return {};
}

std::unique_ptr<RowScanner> cuda_row_scanner(const float *) {
    return nullptr;
}

} // namespace reprise::device

#endif
