#pragma once

#include <vector>

#include "device/row_phases.h"
#include "device/row_scan.h"

/// Scans rows in host memory as the CUDA kernels do in a device's: the same functions, called for one thread
/// after another in the order of the grid, and the same merges. What kernels have of their own are launches,
/// shuffles and barriers.
class RowScanTwin final : public reprise::device::RowScanner {
public:
    const reprise::device::Scan & scan(const float * logits, int vocabulary_size,
                                       const reprise::device::ScanRequest & request) override;
    const reprise::device::Kept & kept(int row) override;
    int64_t bytes_read() const override { return bytes_read_; }
    /// How many rows' tokens were asked for that were not on a path.
    int fetched() const { return fetched_; }

private:
    const float * row(int index) const { return logits_ + static_cast<int64_t>(index) * vocabulary_size_; }
    void sieve_chunk(int row, int chunk);
    void top_k_chunk(int row, int chunk);
    void sieve_row(int row);
    void top_k_row(int row);
    std::vector<int32_t> walk(const reprise::device::TreeRequest & tree);

    const float * logits_ = nullptr;
    int vocabulary_size_ = 0, chunks_ = 0;
    const reprise::device::ScanRequest * request_ = nullptr;
    std::vector<reprise::device::ChunkKept> chunk_kept_;
    std::vector<reprise::device::Kept> kept_;
    std::vector<reprise::draft::Token> choices_;
    std::vector<bool> is_sent_;
    reprise::device::Scan scan_;
    int64_t bytes_read_ = 0;
    int fetched_ = 0;
};
