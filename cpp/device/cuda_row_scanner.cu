#include "device/cuda_row_scanner.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include <cuda_runtime.h>

#include "device/cuda_memory.h"
#include "device/cuda_row_kernels.cuh"

namespace reprise::device {

namespace {

/// Arrays that travel to the device in one copy.
class Upload {
public:
    /// Where the array will be, from the beginning of the upload.
    template <typename T> size_t add(const std::vector<T> & array) {
        const size_t at = (bytes_.size() + alignof(std::max_align_t) - 1) / alignof(std::max_align_t) *
                          alignof(std::max_align_t);
        bytes_.resize(at + array.size() * sizeof(T));
        if (!array.empty()) std::memcpy(bytes_.data() + at, array.data(), array.size() * sizeof(T));
        return at;
    }
    void clear() { bytes_.clear(); }
    void send(cudaStream_t stream) {
        pinned_.reserve(bytes_.size());
        device_.reserve(bytes_.size());
        if (bytes_.empty()) return;
        std::memcpy(pinned_.data(), bytes_.data(), bytes_.size());
        require_success(
            cudaMemcpyAsync(device_.data(), pinned_.data(), bytes_.size(), cudaMemcpyHostToDevice, stream),
            "copy what is asked for");
    }
    template <typename T> const T * at(size_t place) const {
        return reinterpret_cast<const T *>(device_.data() + place);
    }

private:
    std::vector<std::byte> bytes_;
    PinnedBuffer<std::byte> pinned_;
    DeviceBuffer<std::byte> device_;
};

class CudaRowScanner final : public RowScanner {
public:
    /// `device` is in use.
    explicit CudaRowScanner(int device) : device_(device) {}

    const Scan & scan(const float * logits, int vocabulary_size, const ScanRequest & request) override;
    const Kept & kept(int row) override;
    int64_t bytes_read() const override { return bytes_read_; }

private:
    ScanData prepare(const float * logits, int vocabulary_size, const ScanRequest & request);
    void launch(const ScanData & data, const ScanRequest & request);
    /// Waits for the kernels and takes what they gave.
    void read(const ScanRequest & request);

    int device_;
    CudaStream stream_;
    Upload upload_;
    DeviceBuffer<Best> chunk_best_, best_;
    DeviceBuffer<ChunkKept> chunk_kept_;
    DeviceBuffer<Kept> kept_;
    DeviceBuffer<draft::Token> choices_;
    PinnedBuffer<Best> host_best_;
    PinnedBuffer<Kept> host_kept_;
    PinnedBuffer<int32_t> host_paths_, host_lengths_;
    std::vector<char> is_sent_; ///< whether `host_kept_` has the row's tokens
    Scan scan_;
    int64_t bytes_read_ = 0;
};

bool draws_something(const ScanRequest & request) {
    return std::any_of(request.rows.begin(), request.rows.end(),
                       [](const RowRequest & row) { return row.draw != RowDraw::highest; });
}

int64_t size_of(const Kept & kept) {
    return static_cast<int64_t>(sizeof kept.count) +
           std::max(kept.count, 0) * static_cast<int64_t>(sizeof kept.tokens[0]);
}

const Scan & CudaRowScanner::scan(const float * logits, int vocabulary_size, const ScanRequest & request) {
    const CurrentDevice current(device_);
    launch(prepare(logits, vocabulary_size, request), request);
    read(request);
    return scan_;
}

ScanData CudaRowScanner::prepare(const float * logits, int vocabulary_size, const ScanRequest & request) {
    const size_t rows = request.rows.size();
    const size_t parts = rows * chunks_of(vocabulary_size);
    chunk_best_.reserve(parts);
    best_.reserve(rows);
    choices_.reserve(rows);
    host_best_.reserve(rows);
    if (draws_something(request)) {
        chunk_kept_.reserve(parts);
        kept_.reserve(rows);
        host_kept_.reserve(rows);
    }
    host_paths_.reserve(request.tokens.size());
    host_lengths_.reserve(request.trees.size());

    upload_.clear();
    const size_t row_requests = upload_.add(request.rows);
    const size_t trees = upload_.add(request.trees);
    const size_t tokens = upload_.add(request.tokens);
    const size_t parents = upload_.add(request.parents);
    upload_.send(stream_.get());

    ScanData data{};
    data.logits = logits;
    data.vocabulary_size = vocabulary_size;
    data.requests = upload_.at<RowRequest>(row_requests);
    data.trees = upload_.at<TreeRequest>(trees);
    data.tokens = upload_.at<draft::Token>(tokens);
    data.parents = upload_.at<int32_t>(parents);
    data.chunk_best = chunk_best_.data();
    data.best = best_.data();
    data.chunk_kept = chunk_kept_.data();
    data.kept = kept_.data();
    data.choices = choices_.data();
    data.host_kept = host_kept_.data();
    data.host_paths = host_paths_.data();
    data.host_lengths = host_lengths_.data();
    return data;
}

void CudaRowScanner::launch(const ScanData & data, const ScanRequest & request) {
    const unsigned rows = static_cast<unsigned>(request.rows.size());
    const int chunks = chunks_of(data.vocabulary_size);
    if (rows == 0 || chunks == 0) return;
    const dim3 grid(static_cast<unsigned>(chunks), rows);
    choose_chunks<<<grid, threads_of_block, 0, stream_.get()>>>(data);
    require_launched("choose_chunks");
    choose_rows<<<rows, warp_size, 0, stream_.get()>>>(data, chunks);
    require_launched("choose_rows");
    if (draws_something(request)) {
        keep_chunks<<<grid, threads_of_block, 0, stream_.get()>>>(data);
        require_launched("keep_chunks");
        keep_rows<<<rows, threads_of_block, 0, stream_.get()>>>(data, chunks);
        require_launched("keep_rows");
    }
    if (!request.trees.empty()) {
        walk_trees<<<static_cast<unsigned>(request.trees.size()), warp_size, 0, stream_.get()>>>(data);
        require_launched("walk_trees");
    }
    require_success(cudaMemcpyAsync(host_best_.data(), best_.data(), rows * sizeof(Best),
                                    cudaMemcpyDeviceToHost, stream_.get()),
                    "copy the best of rows");
}

void CudaRowScanner::read(const ScanRequest & request) {
    stream_.synchronize();
    const size_t rows = request.rows.size();
    scan_.best.assign(host_best_.data(), host_best_.data() + rows);
    bytes_read_ += static_cast<int64_t>(rows * sizeof(Best));
    scan_.paths.resize(request.trees.size());
    is_sent_.assign(rows, false);
    for (size_t i = 0; i < request.trees.size(); ++i) {
        const TreeRequest & tree = request.trees[i];
        const int32_t * const path = host_paths_.data() + tree.first_node;
        scan_.paths[i].assign(path, path + host_lengths_.data()[i]);
        bytes_read_ += static_cast<int64_t>(sizeof(int32_t) * (1 + scan_.paths[i].size()));
        const auto take = [&](int row) {
            if (request.rows[row].draw == RowDraw::highest || is_sent_[row]) return;
            is_sent_[row] = true;
            bytes_read_ += size_of(host_kept_.data()[row]);
        };
        for (int row = tree.first_request; row <= tree.first_request + tree.nodes; ++row)
            if (is_hosts_choice(request.rows[row])) take(row);
        take(tree.first_request);
        for (const int32_t node : scan_.paths[i]) take(tree.first_request + 1 + node);
    }
}

const Kept & CudaRowScanner::kept(int row) {
    Kept & kept = host_kept_.data()[row];
    if (is_sent_[row]) return kept;
    const CurrentDevice current(device_);
    require_success(
        cudaMemcpyAsync(&kept, kept_.data() + row, sizeof kept, cudaMemcpyDeviceToHost, stream_.get()),
        "copy what was kept of a row");
    stream_.synchronize();
    bytes_read_ += static_cast<int64_t>(sizeof kept);
    is_sent_[row] = true;
    return kept;
}

} // namespace

std::unique_ptr<RowScanner> cuda_row_scanner(const float * logits) {
    cudaPointerAttributes attributes;
    if (cudaPointerGetAttributes(&attributes, logits) != cudaSuccess) {
        cudaGetLastError(); // no driver, or memory that CUDA does not know
        return nullptr;
    }
    if (attributes.type != cudaMemoryTypeDevice && attributes.type != cudaMemoryTypeManaged) return nullptr;
    const CurrentDevice current(attributes.device);
    return std::make_unique<CudaRowScanner>(attributes.device);
}

} // namespace reprise::device
