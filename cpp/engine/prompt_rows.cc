#include "engine/prompt_rows.h"

#include <algorithm>
#include <span>

namespace reprise {

PromptRows::PromptRows(Batch & batch, const Member & member, int max_rows)
    : count_(std::min(member.to_compute(), max_rows)) {
    const Sequence & sequence = member.sequence;
    const bool gives_token = member.generation && count_ == sequence.pending();
    const llama_seq_id id = sequence.id();
    for (int i = 0; i < count_; ++i) {
        const int position = sequence.cached() + i;
        const bool output = gives_token && i == count_ - 1;
        const int row = batch.add(sequence.history()[position], position, std::span(&id, 1), output);
        if (output) last_row_ = row;
    }
}

void PromptRows::keep(Member & member) const {
    const int to_compute = member.to_compute();
    // The last token stays pending: it is the root of the next tree.
    member.sequence.mark_cached(gives_token() ? count_ - 1 : count_);
    if (member.prefill) {
        Prefill & prefill = *member.prefill;
        prefill.total = std::max(prefill.total, to_compute);
        if (prefill.on_progress) prefill.on_progress(prefill.total - member.to_compute(), prefill.total);
        return;
    }
    member.prompt_total = std::max(member.prompt_total, to_compute);
    // What is computed again in the middle of a text is not the prompt.
    if (member.generation->metrics().output_tokens > 0) return;
    const int left = gives_token() ? 0 : member.to_compute();
    member.generation->report_progress(member.prompt_total - left, member.prompt_total);
}

} // namespace reprise
