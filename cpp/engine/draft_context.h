#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "draft/draft_model.h"
#include "draft/pass_cost.h"
#include "engine/batch.h"
#include "engine/context.h"
#include "engine/draft_head.h"

namespace reprise {

class DraftSequence;

/// Why `draft` cannot draft for `target`: their tokens differ, it is no model of which a text can be taken
/// back, or a head for another model. Throws Error OPTION_INVALID, MODEL_INVALID.
void require_draft_model(const Model & target, const Model & draft);

/// The context of a draft model, or of a draft head, beside a family's. It computes with the same threads, on
/// the decode thread.
class DraftContext {
public:
    /// For the members of `target`, whose options name the model. Times a first pass. Throws Error
    /// OUT_OF_MEMORY, MODEL_INVALID.
    DraftContext(Context & target, std::function<bool()> should_abort);
    /// For one text of that vocabulary, by one thread.
    DraftContext(std::shared_ptr<Model> model, int context_length, int target_vocabulary_size);
    DraftContext(const DraftContext &) = delete;
    DraftContext & operator=(const DraftContext &) = delete;

private:
    friend DraftSequence;

    /// The tokens that the target has and this model may lack are padding, which no text has.
    Token known(Token token) const {
        return token >= 0 && token < context_.model().vocabulary_size() ? token : 0;
    }
    /// Computes the next `rows` pending tokens of the sequence. False where there is no room, or it was
    /// aborted.
    bool compute(DraftSequence & sequence, int rows);
    /// Computes the block after all that the sequence's cache has. Its cells go again. False as `compute`.
    bool compute_block(DraftSequence & sequence);
    /// Computes the batch that `fill` makes, which returns false where it was aborted, and learns what so
    /// many rows cost. False as `compute`.
    template <typename Fill>
    bool compute_batch(DraftSequence & sequence, int rows, draft::PassCost & cost, const Fill & fill);
    /// Fills the batch with the next `rows` pending tokens. False where it was aborted.
    bool add_pending(DraftSequence & sequence, int rows);
    /// What a block costs is known before the first is asked for.
    void time_block();
    /// Logits were no numbers: gives all cells back, once. Throws Error DECODE_FAILED where that was no
    /// help.
    void note_spoilt();

    Context context_;
    std::optional<DraftHead> head_; ///< of a draft head
    draft::PassCost cost_;
    draft::PassCost reading_cost_; ///< of a head whose rows for the text compute less than those of a block
    Batch batch_;
    int target_vocabulary_size_;
    std::vector<DraftSequence *> sequences_; ///< all there are
    bool is_spoilt_ = false;                 ///< The last logits were no numbers.
    bool given_up_ = false;                  ///< It has failed, and is not asked any more.
};

} // namespace reprise
