#pragma once

#include <vector>

#include "engine/batch.h"
#include "engine/context.h"
#include "engine/member.h"

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

    /// What the pass computed of a member's prompt.
    struct Rows {
        Member * member;
        int count;
        /// The row of the prompt's last token, whose logits were computed; -1: there is more to compute, or a
        /// prefill needs none.
        int last;
    };
    /// After compute() gave `done`, in the members' order.
    const std::vector<Rows> & rows() const { return rows_; }

private:
    Context & context_;
    Batch batch_;
    std::vector<Rows> rows_;
};

} // namespace reprise
