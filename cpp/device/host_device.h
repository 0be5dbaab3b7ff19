#pragma once

/// Marks a function that kernels and the host's twins of them both call. A header with such functions is for
/// both compilers: C++17, no header of CUDA, and no call but of what both have.
#ifdef __CUDACC__
#define REPRISE_HOST_DEVICE __host__ __device__
#else
#define REPRISE_HOST_DEVICE
#endif
