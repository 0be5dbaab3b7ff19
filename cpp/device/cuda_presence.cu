#include "device/cuda_presence.h"

#include <cuda_runtime.h>

namespace reprise::device {

CudaPresence cuda_presence() {
    CudaPresence presence{true, 0};
    if (cudaGetDeviceCount(&presence.devices) != cudaSuccess) {
        presence.devices = 0;
        cudaGetLastError(); // The next call that asks for the last error is not to be given this one.
    }
    return presence;
}

} // namespace reprise::device
