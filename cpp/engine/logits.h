#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "engine/draw_rule.h"
#include "engine/top_logits.h"

namespace reprise {

/// Logits that were copied to the host.
struct LogitsRead {
    int64_t bytes = 0;
    int64_t whole_rows = 0; ///< So many rows of the whole vocabulary are among them.

    LogitsRead & operator+=(const LogitsRead & other) {
        bytes += other.bytes;
        whole_rows += other.whole_rows;
        return *this;
    }
    LogitsRead operator-(const LogitsRead & other) const {
        return {bytes - other.bytes, whole_rows - other.whole_rows};
    }
};

/// The logits of a pass, wherever they are, as far as samplers ask for them. A row is an index of the pass's
/// batch. What is returned is valid until the next pass.
///
/// Logits on a device are expensive to read, and most samplers need few of them: whoever asks takes the least
/// that tells. What is asked for makes no difference to what is chosen: all of it is exact.
class Logits {
public:
    virtual ~Logits() = default;

    /// The highest of a row: what top_logits() gives.
    virtual TopLogits best(int row) = 0;
    /// The same for a row that nobody draws from: nothing where the whole row would have to be fetched.
    virtual std::optional<TopLogits> best_unless_fetched(int row) { return best(row); }
    /// Whether best_unless_fetched() takes next to no time.
    virtual bool has_best() const { return false; }
    /// Says what will be drawn from the pass's rows, before anything else is asked for. What is drawn without
    /// that, or otherwise, takes the whole row.
    virtual void expect(std::span<const DrawnTree> /*trees*/) {}
    /// Tokens of a row and their logits, in any order, and all that the draw can give, whatever its margin:
    /// where it is noised, every token that min-p leaves and that is the best or the second best; of top-k,
    /// the tokens that it leaves. Nothing where the whole row is to tell. It is valid until the next call.
    virtual std::optional<std::span<const draft::RankedToken>> survivors(int /*row*/, const Draw & /*draw*/) {
        return std::nullopt;
    }
    /// All logits of a row, one a token.
    virtual const float * whole(int row) = 0;
    /// Whether a row's logits are no numbers.
    virtual bool is_spoilt(int row) = 0;

    /// What was copied of so many rows before anyone asked.
    virtual LogitsRead read_beforehand(int rows) const = 0;
    /// What was copied in all passes because it was asked for.
    virtual LogitsRead fetched() const { return {}; }
};

/// Logits in host memory, where `row_of` says.
class HostLogits final : public Logits {
public:
    HostLogits(int vocabulary_size, std::function<const float *(int)> row_of)
        : vocabulary_size_(vocabulary_size), row_of_(std::move(row_of)) {}

    TopLogits best(int row) override { return top_logits(row_of_(row), vocabulary_size_); }
    const float * whole(int row) override { return row_of_(row); }
    bool is_spoilt(int row) override;
    LogitsRead read_beforehand(int rows) const override {
        return {static_cast<int64_t>(rows) * vocabulary_size_ * static_cast<int64_t>(sizeof(float)), rows};
    }

private:
    int vocabulary_size_;
    std::function<const float *(int)> row_of_;
};

/// One row of them.
struct LogitRow {
    Logits & logits;
    int row;

    TopLogits best() const { return logits.best(row); }
    auto survivors(const Draw & draw) const { return logits.survivors(row, draw); }
    const float * whole() const { return logits.whole(row); }
};

} // namespace reprise
