#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "device/row_scan.h"
#include "engine/draw_rule.h"
#include "engine/top_logits.h"

namespace reprise {

/// A scanner of a device's rows, in the terms of samplers. A row is its index in the device's logits.
class RowScans {
public:
    explicit RowScans(std::unique_ptr<device::RowScanner> scanner) : scanner_(std::move(scanner)) {}

    /// A tree to draw from, whose rows begin at an index.
    struct Tree {
        int root;
        /// Whether the nodes' rows follow the root's, as the tree's own do. If not, the path is not looked
        /// for.
        bool in_order;
        const DrawnTree & drawn;
    };
    /// Scans all rows of a pass, which begin at `logits`. Throws DeviceFailure.
    void scan(const float * logits, int vocabulary_size, int rows, std::span<const Tree> trees);

    /// What top_logits() gives for the row.
    TopLogits best(int index) const;
    /// Logits::survivors. Throws DeviceFailure.
    std::optional<std::span<const draft::RankedToken>> survivors(int index, const Draw & draw);
    int64_t bytes_read() const { return scanner_->bytes_read(); }

private:
    void add(int index, const Draw & draw);

    std::unique_ptr<device::RowScanner> scanner_;
    device::ScanRequest request_;
    const device::Scan * scan_ = nullptr;
    std::vector<std::optional<Draw>> draws_; ///< what each row was scanned for
    std::vector<draft::RankedToken> survivors_;
};

} // namespace reprise
