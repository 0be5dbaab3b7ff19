#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ggml-cpp.h"

#include "engine/context_options.h"
#include "engine/logits.h"
#include "engine/row_scans.h"

namespace reprise {

/// Logits that stay where they were computed. Behind them a head, three nodes of the graph
/// (scripts/patches/logits-stay-on-the-device.patch), finds the blocks of each row that hold the highest.
/// These come to the host with each pass, in one copy for all rows. Whole rows come one by one, when they are
/// asked for.
///
/// Where a scanner reads the device's memory, it takes the head's place: what comes to the host is the best
/// of each row, and what the draws on the path down a tree can give. The first pass tells whether one does;
/// the graphs of the others are without the three nodes then. A scanner that fails leaves a pass whose rows
/// come whole, and the next one's graph has the nodes again.
class HeadLogits final : public Logits {
public:
    /// Asks for a head, where a context is made. It has none where llama.cpp's source is not patched.
    static void ask_for(llama_context_params & params, DeviceLogits device_logits);
    /// Whether the context has one.
    static bool has(const llama_context * context);
    /// Why a context that was asked for one has none.
    static std::string reason_for_none(int vocabulary_size);

    /// `make_scanner` may give nothing. `check_read` is called after a row was fetched, and throws where that
    /// may have failed.
    HeadLogits(llama_context * context, int vocabulary_size, MakeRowScanner make_scanner,
               std::function<void()> check_read);

    /// After llama_decode: takes the logits of its pass, whose copies llama_synchronize waits for. Gives
    /// false where llama.cpp has copied them to the host.
    bool take_pass();

    TopLogits best(int row) override;
    std::optional<TopLogits> best_unless_fetched(int row) override;
    bool has_best() const override { return true; }
    void expect(std::span<const DrawnTree> trees) override;
    std::optional<std::span<const draft::RankedToken>> survivors(int row, const Draw & draw) override;
    const float * whole(int row) override;
    bool is_spoilt(int row) override;
    LogitsRead read_beforehand(int rows) const override;
    LogitsRead fetched() const override;

    /// Whether a scanner reads the device's memory.
    bool has_scanner() const { return scans_.has_value(); }

private:
    /// Host memory that the device copies to.
    class Memory {
    public:
        /// At least so many bytes. What it held before is lost.
        void * of(ggml_backend_t backend, size_t bytes);

    private:
        ggml_backend_buffer_ptr buffer_;
    };
    /// The best of one row, as far as it was asked for.
    struct Row {
        std::optional<TopLogits> best;
        const float * whole = nullptr;
    };
    /// Makes a scanner, once, where the logits are in memory that one can read.
    void find_scanner();
    /// Whether the graphs of the next passes find blocks.
    void want_blocks(bool wanted);
    /// Copies the blocks that the head found, if the pass's graph has looked for them.
    void read_blocks();
    /// Scans the pass's rows, unless that was done. Where the device fails, the head is read from then on.
    void scan(std::span<const DrawnTree> trees);
    void give_scanner_up();
    /// Reads a tensor of the head to `to`, and goes on behind it.
    template <typename Value> std::span<const Value> read(const ggml_tensor * tensor, std::byte *& to) const;
    /// Where a row of the batch is in the tensors. Throws Error DECODE_FAILED where it is not there.
    int index_of(int row) const;

    llama_context * context_;
    int vocabulary_size_;
    MakeRowScanner make_scanner_; ///< null once it was called
    std::function<void()> check_read_;
    std::optional<RowScans> scans_;
    int64_t scanned_bytes_ = 0; ///< that a scanner read which was given up
    LogitsRead fetched_;

    // The present pass:
    const ggml_tensor * logits_ = nullptr;
    ggml_backend_t backend_ = nullptr;
    bool is_scanned_ = false;
    bool has_blocks_ = false;
    std::vector<Row> rows_; ///< by their index in the tensors
    int block_size_ = 0;
    size_t bytes_of_row_ = 0; ///< of what the head found; 0 where it did not look
    size_t ids_of_row_ = 0;
    size_t tail_of_row_ = 0;
    std::span<const int32_t> block_ids_;
    std::span<const float> blocks_;
    std::span<const float> tails_;
    Memory memory_;
    std::vector<Memory> whole_memory_; ///< of rows; the first so many are in use
    size_t whole_rows_ = 0;
};

} // namespace reprise
