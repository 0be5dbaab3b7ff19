#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include "draft/huge_pages.h"

namespace reprise::draft {

/// An array that grows. Its elements lie in memory of its own, or in memory of another owner, such as a file
/// mapping, where they are only read: before they change, `own` has to move them. A copy of own memory is one
/// memcpy; a copy of another's shares it.
template <typename T> class Array {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    Array() = default;
    /// Reads `elements` where they are, in memory that `owner` keeps.
    Array(std::span<const T> elements, std::shared_ptr<const void> owner)
        : data_(const_cast<T *>(elements.data())), size_(elements.size()), owner_(std::move(owner)) {}
    /// Copies `elements`.
    explicit Array(std::span<const T> elements) { append(elements); }
    Array(const Array & other) : Array() {
        if (other.owner_)
            *this = Array(other, other.owner_);
        else
            append(other);
    }
    Array(Array && other) noexcept { swap(other); }
    Array & operator=(Array other) noexcept {
        swap(other);
        return *this;
    }
    ~Array() {
        if (!owner_) std::free(data_);
    }

    /// Moves the elements into own memory, if they are in another's.
    void own() {
        if (owner_) *this = Array(std::span<const T>(*this));
    }
    /// Makes room for `size` elements. Up to there nothing that follows can throw; where this throws, the
    /// array is as it was before.
    void reserve(size_t size) {
        own();
        if (size <= capacity_) return;
        const size_t capacity = std::max({size, 2 * capacity_, size_t{16}});
        void * const data = reallocate(data_, size_ * sizeof(T), capacity * sizeof(T));
        if (data == nullptr) throw std::bad_alloc();
        data_ = static_cast<T *>(data);
        capacity_ = capacity;
    }
    void append(std::span<const T> elements) {
        const size_t old = size_;
        resize_uninitialised(size_ + elements.size());
        std::copy(elements.begin(), elements.end(), data_ + old);
    }
    void push_back(T element) {
        resize_uninitialised(size_ + 1);
        data_[size_ - 1] = element;
    }
    void resize(size_t size) {
        const size_t old = size_;
        resize_uninitialised(size);
        if (size > old) std::fill(data_ + old, data_ + size, T{});
    }
    void pop_back() { --size_; }

    T & operator[](size_t i) { return data_[i]; }
    const T & operator[](size_t i) const { return data_[i]; }
    T & back() { return data_[size_ - 1]; }
    const T & back() const { return data_[size_ - 1]; }
    const T * data() const { return data_; }
    size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    operator std::span<const T>() const { return {data_, size_}; }
    T * begin() { return data_; }
    T * end() { return data_ + size_; }
    /// How many bytes of its own memory it holds.
    size_t bytes() const { return owner_ ? 0 : capacity_ * sizeof(T); }

private:
    void resize_uninitialised(size_t size) {
        if (size > capacity_) reserve(size);
        size_ = size;
    }
    void swap(Array & other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
        std::swap(owner_, other.owner_);
    }

    T * data_ = nullptr;
    size_t size_ = 0;
    size_t capacity_ = 0;
    std::shared_ptr<const void> owner_;
};

} // namespace reprise::draft
