#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "draft/draft_model.h"
#include "engine/draft_block.h"
#include "engine/draft_context.h"
#include "engine/error.h"
#include "engine/hidden_rows.h"
#include "engine/sequence.h"

namespace reprise {

/// What a draft model, or a draft head, has computed for one member. For the decode thread alone.
///
/// A head needs the target's hidden states of the text: they are given to it after each pass of the target.
/// Where those of a stretch of the text are not known (of a saved state, or before a text that was shifted),
/// the head knows the text behind it alone.
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
    double further_milliseconds() const override;
    double milliseconds(std::span<const Token> path) override;
    /// The rows that asking after the text and the path would compute; none where the context is too short,
    /// and where a head does not know the text's end.
    std::optional<int> rows_after(std::span<const Token> path) const;
    /// None where it was aborted, too, where `rows_after` has none, and once the draft model has failed.
    std::span<const Candidate> ask(std::span<const Token> path) override;
    /// Throws Error where the draft model failed for this sequence since the last call.
    void require_sound();

    /// Whether it is a head that is to have the target's hidden states.
    bool reads_target() const { return hidden_ && !owner_.given_up_; }
    /// Where it reads the target: its last pass computed the token at `index` of the text in its row `row`.
    void take_hidden_row(int index, int row);
    /// Where it reads the target: computes the text once so many of its rows were taken that they would need
    /// much memory.
    void catch_up(std::span<const Token> text);
    /// The text changes from the token at `index` on.
    void forget_from(int index) {
        if (!hidden_) return;
        hidden_->truncate(index);
        unchanged_ = std::min(unchanged_, index);
    }

    /// So often it was asked, and so long that took, since the last call.
    struct Asked {
        int64_t times = 0;
        double milliseconds = 0;
    };
    Asked take_asked() { return std::exchange(asked_, {}); }

private:
    friend DraftContext;

    template <typename Work> void or_give_up(Work && work);
    int text_length() const { return sequence_.length() - path_length_; }
    /// How many tokens of the path the sequence's history ends with already.
    int shared_with(std::span<const Token> path) const;
    /// Makes the sequence's history the text and the path.
    void go_to(std::span<const Token> path);
    /// Computes all that is pending.
    bool compute();
    /// The best tokens by the logits of that row of the last batch; none where they are no numbers.
    std::vector<Candidate> best_of(int row);

    // Of a head alone.
    std::optional<int> rows_of_block(std::span<const Token> path) const;
    void compute_block();
    /// The first row that is to be computed: those before are, or cannot be.
    int first_to_compute() const;
    /// Computes the text up to `length`; where that is all of it, with the logits of the last row.
    bool compute_text(int length);
    /// Whether a batch of the next `rows` pending tokens gives their logits.
    bool wants_outputs(int rows) const;
    /// Keeps what the head itself computed in the last row.
    void keep_head_state();
    /// What the next `rows` pending tokens have beside them. False where it was aborted.
    bool make_inputs(int rows, std::span<float> inputs);

    DraftContext & owner_;
    Sequence sequence_;
    std::vector<Token> text_; ///< as this model knows its tokens
    std::vector<Token> new_;  ///< of a path, what the history does not hold
    int path_length_ = 0;     ///< So much of the sequence's history is a path.
    std::vector<Candidate> candidates_;
    Asked asked_;
    std::optional<Error> fault_;
    std::optional<HiddenRows> hidden_; ///< the target's, of the text
    /// Since `begin` so much of the text has not changed. What a head computed depends on more than tokens:
    /// rows of images have none.
    int unchanged_ = std::numeric_limits<int>::max();
    std::optional<DraftBlock> block_;       ///< of a head that says blocks
    std::optional<HiddenRows> head_states_; ///< a head's own, of the text's last token and of the path
};

} // namespace reprise
