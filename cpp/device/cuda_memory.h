#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include <cuda_runtime.h>

#include "device/device_failure.h"

namespace reprise::device {

/// Throws DeviceFailure where a call of the runtime failed; `doing` says what it was to do.
inline void require_success(cudaError_t status, const char * doing) {
    if (status == cudaSuccess) return;
    cudaGetLastError(); // It is reported here, and not by a later call as well.
    throw DeviceFailure(std::string("CUDA failed to ") + doing + ": " + cudaGetErrorString(status),
                        status == cudaErrorMemoryAllocation);
}

/// Calls go to this device while the object lives, and afterwards to the one before.
class CurrentDevice {
public:
    explicit CurrentDevice(int device) {
        require_success(cudaGetDevice(&before_), "tell the device in use");
        if (device != before_) require_success(cudaSetDevice(device), "use the device of the data");
    }
    ~CurrentDevice() { cudaSetDevice(before_); }
    CurrentDevice(const CurrentDevice &) = delete;
    CurrentDevice & operator=(const CurrentDevice &) = delete;

private:
    int before_ = 0;
};

/// A stream of our own: it waits for no other, and no other waits for it.
class CudaStream {
public:
    CudaStream() {
        require_success(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "make a stream");
    }
    ~CudaStream() { cudaStreamDestroy(stream_); }
    CudaStream(const CudaStream &) = delete;
    CudaStream & operator=(const CudaStream &) = delete;

    cudaStream_t get() const { return stream_; }
    /// Waits until all that was launched has ended, and throws DeviceFailure where some of it failed.
    void synchronize() const { require_success(cudaStreamSynchronize(stream_), "run a kernel"); }

private:
    cudaStream_t stream_ = nullptr;
};

/// Throws DeviceFailure where a kernel that was just launched could not start.
inline void require_launched(const char * kernel) {
    require_success(cudaGetLastError(), (std::string("start the kernel ") + kernel).c_str());
}

struct DeviceAllocator {
    static void * allocate(size_t bytes) {
        void * memory = nullptr;
        require_success(cudaMalloc(&memory, bytes), "allocate memory of the device");
        return memory;
    }
    static void free(void * memory) { cudaFree(memory); }
};

/// Memory of the host that the device copies from and to without a step between.
struct PinnedAllocator {
    static void * allocate(size_t bytes) {
        void * memory = nullptr;
        require_success(cudaMallocHost(&memory, bytes), "allocate pinned memory");
        return memory;
    }
    static void free(void * memory) { cudaFreeHost(memory); }
};

/// Room for so many `T`, without constructors. It belongs to the device in use where it is reserved.
template <typename T, typename Allocator> class CudaBuffer {
public:
    CudaBuffer() = default;
    ~CudaBuffer() { Allocator::free(data_); }
    CudaBuffer(CudaBuffer && other) noexcept
        : data_(std::exchange(other.data_, nullptr)), capacity_(std::exchange(other.capacity_, 0)) {}
    CudaBuffer & operator=(CudaBuffer && other) noexcept {
        std::swap(data_, other.data_);
        std::swap(capacity_, other.capacity_);
        return *this;
    }

    /// Makes room for at least `count`; what was there is lost where the room has to grow.
    void reserve(size_t count) {
        if (count <= capacity_) return;
        const size_t capacity = count > 2 * capacity_ ? count : 2 * capacity_;
        void * const data = Allocator::allocate(capacity * sizeof(T));
        Allocator::free(data_);
        data_ = static_cast<T *>(data);
        capacity_ = capacity;
    }
    T * data() const { return data_; }
    size_t capacity() const { return capacity_; }

private:
    T * data_ = nullptr;
    size_t capacity_ = 0;
};

template <typename T> using DeviceBuffer = CudaBuffer<T, DeviceAllocator>;
template <typename T> using PinnedBuffer = CudaBuffer<T, PinnedAllocator>;

} // namespace reprise::device
