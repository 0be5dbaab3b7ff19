#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "draft/draft_model.h"
#include "draft/pass_cost.h"
#include "engine/batch.h"
#include "engine/context.h"
#include "engine/error.h"
#include "engine/sequence.h"

namespace reprise {

class DraftSequence;

/// Why `draft` cannot draft for `target`: their tokens differ, or it is no model of which a text can be taken
/// back. Throws Error OPTION_INVALID, MODEL_INVALID.
void require_draft_model(const Model & target, const Model & draft);

/// The context of a draft model beside a family's. It computes with the same threads, on the decode thread.
class DraftContext {
public:
    /// For the members of `target`, whose options name the model. Times a first pass. Throws Error
    /// OUT_OF_MEMORY, MODEL_INVALID.
    DraftContext(const Context & target, std::function<bool()> should_abort);
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
    /// Computes the pending tokens of the sequence. False where there is no room, or it was aborted.
    bool compute(Sequence & sequence);
    /// Logits were no numbers: computes everything anew once. Throws Error DECODE_FAILED where that was no
    /// help.
    void note_spoilt();
    /// One batch of them. The last token's logits are computed where it is in it.
    DecodeStatus decode(Sequence & sequence, int rows);

    Context context_;
    draft::PassCost cost_;
    Batch batch_;
    int target_vocabulary_size_;
    std::vector<DraftSequence *> sequences_; ///< all there are
    bool is_spoilt_ = false;                 ///< The last logits were no numbers.
    bool given_up_ = false;                  ///< It has failed, and is not asked any more.
};

/// What a draft model has computed for one member. For the decode thread alone.
class DraftSequence final : public draft::DraftModel {
public:
    /// Throws Error SEQUENCES_EXHAUSTED.
    explicit DraftSequence(DraftContext & owner);
    /// A fork's: it shares what its parent's has computed.
    DraftSequence(const DraftSequence & parent);
    ~DraftSequence() override;
    DraftSequence & operator=(const DraftSequence &) = delete;

    void begin(std::span<const Token> text) override;
    double single_milliseconds() const override;
    double milliseconds(std::span<const Token> path) override;
    /// The rows that asking after the text and the path would compute; none where the context is too short.
    std::optional<int> rows_after(std::span<const Token> path) const;
    /// None where it was aborted, too, where the context is too short, and once the draft model has failed.
    std::span<const Candidate> ask(std::span<const Token> path) override;
    /// Throws Error where the draft model failed for this sequence since the last call.
    void require_sound();

    /// So often it was asked, and so long that took, since the last call.
    struct Asked {
        int64_t times = 0;
        double milliseconds = 0;
    };
    Asked take_asked() { return std::exchange(asked_, {}); }

private:
    friend DraftContext;

    template <typename Work> void or_give_up(Work && work);
    /// How many tokens of the path the sequence's history ends with already.
    int shared_with(std::span<const Token> path) const;
    /// Makes the sequence's history the text and the path.
    void go_to(std::span<const Token> path);
    /// Takes them from the logits that were computed last.
    void find_candidates();

    DraftContext & owner_;
    Sequence sequence_;
    std::vector<Token> text_; ///< as this model knows its tokens
    std::vector<Token> new_;  ///< of a path, what the history does not hold
    int path_length_ = 0;     ///< So much of the sequence's history is a path.
    std::vector<Candidate> candidates_;
    Asked asked_;
    std::optional<Error> fault_;
};

} // namespace reprise
