#pragma once

namespace reprise::device {

/// Whether the CUDA kernels of this folder can run.
struct CudaPresence {
    bool is_built = false; ///< This build has them.
    int devices = 0;       ///< So many devices the driver lists; 0 where there is no driver.
};

CudaPresence cuda_presence();

} // namespace reprise::device
