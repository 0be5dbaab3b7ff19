#pragma once

#include "engine/batch.h"
#include "engine/member.h"

namespace reprise {

/// Where a member's next prompt tokens stand in a batch.
class PromptRows {
public:
    /// Adds at most `max_rows` of the tokens that the member has to compute: text up to the next image, or
    /// rows of one. Where that is all of a generation's prompt, the last row gives logits.
    PromptRows(Batch & batch, const Member & member, int max_rows);

    /// Whether the pass gives the generation a token.
    bool gives_token() const { return last_row_ >= 0; }
    /// The row of the prompt's last token, where it gives one.
    int last_row() const { return last_row_; }
    /// Before `keep`: gives a draft head the hidden states that the pass computed of text.
    void give_hidden_rows(Member & member) const;

    /// After the pass: counts the rows' cells, and reports the member's progress.
    void keep(Member & member) const;

private:
    int count_;
    int first_row_;
    int last_row_ = -1;
};

} // namespace reprise
