#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/batch.h"
#include "engine/context.h"

namespace reprise {

class Model;

/// What drafts for a model: another one that reads the same text, or a head, which reads the model's own
/// hidden states beside the text and so needs few layers.
enum class DraftKind {
    model,
    /// The layers for multi-token prediction in the model's own file (MTP; DeepSeek-V3, arXiv 2412.19437,
    /// §2.2). With several, the first drafts all tokens.
    mtp,
    /// A file of its own that reads three layers' inputs (EAGLE-3: Li et al. 2025, arXiv 2503.01840).
    eagle3,
    /// A file of its own that reads several layers' inputs and says a block of tokens at once (DFlash: Chen
    /// et al. 2026, arXiv 2602.06036; DSpark is one whose tokens of a block depend on those before them).
    dflash,
};

/// What `draft` is to `target`, which may be the same model.
DraftKind draft_kind(const Model & target, const Model & draft);

/// Why the model can only draft for another one; empty where it is a model of its own.
std::string head_fault(const llama_model * model);

/// Throws Error MODEL_INVALID where `draft` is no head that can draft for `target`.
void require_draft_head(const Model & target, const Model & draft, DraftKind kind);

/// How a head's context differs from a model's own.
void set_head_options(ContextOptions & options, const Context & target, DraftKind kind);

/// How a head drafts that says a block of tokens at once: its rows are the text's last token and masks.
struct BlockLayout {
    int rows = 0;       ///< The last token's included.
    int first_said = 1; ///< The row that speaks of the token after the text. The next row speaks of the next.
    Token mask = 0;
    bool sees_all = true; ///< Whether each row sees those after it.
};

/// What a head reads of its target and of itself. The head computes rows as a model does, but each has,
/// beside its token, numbers that stand for the text before it: what the target computed of the token before,
/// or, where that was drafted, what the head itself did. So the row of the token at index i needs the numbers
/// of the token at i - 1. DFlash has rows of hidden states alone, each of its own token, and reads nothing of
/// itself.
class DraftHead {
public:
    /// From now on the target's passes keep their hidden states. Throws Error MODEL_INVALID where its
    /// architecture gives none.
    DraftHead(Context & target, Context & head, DraftKind kind);

    /// The index of the first token that has a row. EAGLE-3 computes none for the text's first token, which
    /// has no token before it. MTP computes that row with zeros.
    int first_row() const { return kind_ == DraftKind::eagle3 ? 1 : 0; }
    /// The row of a token needs what the target computed of the one that stands so far before it.
    int lag() const { return kind_ == DraftKind::dflash ? 0 : 1; }
    /// Of a head that says whole blocks.
    const std::optional<BlockLayout> & block() const { return block_; }
    /// How many numbers it reads of each row of the target.
    int target_width() const { return target_width_; }
    /// How many numbers it has beside each token.
    int input_width() const { return head_.input_width(); }

    /// Adds the block after a text whose last token it is, at that position.
    void add_block(Batch & batch, Token last, llama_pos position, llama_seq_id sequence) const;
    /// Adds what was read of so many rows of the target, as rows of the head.
    void add_read(Batch & batch, std::span<const float> read, llama_pos position,
                  llama_seq_id sequence) const;

    /// Copies what the target's last pass computed in its row `row`: `target_width` numbers.
    void read_target(int row, std::span<float> to) const;
    /// Makes inputs of what was read of so many rows of the target. False where it was aborted.
    bool make_inputs(std::span<const float> read, std::span<float> inputs) const;
    /// The input after row `row` of the head's own last pass, whose logits were computed: `input_width`
    /// numbers.
    std::span<const float> own_state(int row) const;

private:
    void begin_reading();

    Context & target_;
    Context & head_;
    DraftKind kind_;
    int target_width_;
    std::optional<BlockLayout> block_;
    std::vector<int> layers_;       ///< of the target, whose inputs are read
    int output_of_last_layer_ = -1; ///< stands among them for what leaves it
};

} // namespace reprise
