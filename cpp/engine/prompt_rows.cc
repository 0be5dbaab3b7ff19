#include "engine/prompt_rows.h"

#include <algorithm>
#include <span>

namespace reprise {

namespace {
/// How many of a member's next rows a pass can take, of at most `max_rows`.
int rows_of_a_pass(const Member & member, int max_rows) {
    const Sequence & sequence = member.sequence;
    const int from = sequence.cached();
    if (const auto * const image = sequence.images().at(from)) {
        const int left = image->end() - from;
        return image->chunk->causal() ? std::min(left, max_rows) : left; // which a micro batch has room for
    }
    const int to_compute = std::min(member.to_compute(), max_rows);
    return sequence.images().next(from, from + to_compute) - from;
}
} // namespace

PromptRows::PromptRows(Batch & batch, const Member & member, int max_rows)
    : count_(rows_of_a_pass(member, max_rows)), first_row_(batch.size()) {
    const Sequence & sequence = member.sequence;
    if (const auto * const image = sequence.images().at(sequence.cached())) {
        batch.add_image(*image->chunk, sequence.cached() - image->begin, count_, image->positions_before,
                        sequence.id());
        return;
    }
    const bool gives_token = member.generation && count_ == sequence.pending();
    const llama_seq_id id = sequence.id();
    const llama_pos position = sequence.position(sequence.cached());
    for (int i = 0; i < count_; ++i) {
        const bool output = gives_token && i == count_ - 1;
        const Token token = sequence.history()[sequence.cached() + i];
        const int row = batch.add(token, position + i, std::span(&id, 1), output);
        if (output) last_row_ = row;
    }
}

void PromptRows::give_hidden_rows(Member & member) const {
    const Sequence & sequence = member.sequence;
    if (!member.has_head() || sequence.images().at(sequence.cached())) return;
    for (int i = 0; i < count_; ++i)
        member.draft_sequence->take_hidden_row(sequence.cached() + i, first_row_ + i);
    member.draft_sequence->catch_up(sequence.history());
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
