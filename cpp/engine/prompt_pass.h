#pragma once

#include <optional>
#include <vector>

#include "engine/batch.h"
#include "engine/sample_and_match.h"
#include "engine/stopwatch.h"

namespace reprise {

/// One llama_decode of the next prompt tokens of some members, which share it evenly.
class PromptPass {
public:
    explicit PromptPass(Context & context) : context_(context) {}

    /// Members whose prompts one pass can compute: all of them, or one in each pass where what one computes
    /// could take cells that another's next pass needs (recurrent states, windows whose cells are given away)
    /// or where a member has to be alone.
    std::vector<std::vector<Member *>> parts(const std::vector<Member *> & members) const;

    /// Throws Error DECODE_FAILED.
    DecodeStatus compute(const std::vector<Member *> & members);

    /// After compute() gave `done`: whether logits of a member are no numbers.
    bool is_spoilt() const;
    /// After compute() gave `done`: counts the cells of the member at `index` and reports its progress. What
    /// a prompt's last token gave the generation; none where there is more to compute, and for a prefill.
    std::optional<Verified> take(size_t index);

private:
    struct Rows {
        Member * member;
        int count;
        int last; ///< the row of the prompt's last token, where its logits are wanted; else -1
    };

    Context & context_;
    Batch batch_;
    std::vector<Rows> rows_; ///< in the members' order
    Stopwatch watch_;
};

} // namespace reprise
