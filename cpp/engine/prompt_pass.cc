#include "engine/prompt_pass.h"

#include <algorithm>
#include <span>

namespace reprise {

std::vector<std::vector<Member *>> PromptPass::parts(const std::vector<Member *> & members) const {
    const bool shares = context_.model().draft_shape() == DraftShape::tree && !context_.prunes_window();
    std::vector<std::vector<Member *>> parts;
    std::vector<Member *> together;
    for (Member * member : members) {
        if (shares && !member->alone)
            together.push_back(member);
        else
            parts.push_back({member});
    }
    // Every member has a row at least, and maybe logits.
    const auto most = static_cast<size_t>(std::min(context_.most_outputs(), context_.options().batch_size));
    add_groups(together, most, parts);
    return parts;
}

DecodeStatus PromptPass::compute(const std::vector<Member *> & members) {
    watch_ = Stopwatch();
    batch_.clear();
    rows_.clear();
    int left = static_cast<int>(members.size());
    for (Member * member : members) {
        const Sequence & sequence = member->sequence;
        const int share = (context_.options().batch_size - batch_.size()) / left--;
        const int count = std::min(member->to_compute(), share);
        const bool needs_logits = member->generation && count == sequence.pending();
        const llama_seq_id id = sequence.id();
        for (int i = 0; i < count; ++i) {
            const int at = sequence.cached() + i;
            batch_.add(sequence.history()[at], at, std::span(&id, 1), needs_logits && i == count - 1);
        }
        rows_.push_back({member, count, needs_logits ? batch_.size() - 1 : -1});
    }
    context_.use_threads(context_.options().threads);
    return context_.decode(batch_);
}

bool PromptPass::is_spoilt() const {
    return std::any_of(rows_.begin(), rows_.end(),
                       [&](const Rows & rows) { return rows.last >= 0 && context_.is_spoilt(rows.last); });
}

std::optional<Verified> PromptPass::take(size_t index) {
    const auto [pointer, count, last] = rows_[index];
    Member & member = *pointer;
    const bool gives_token = last >= 0;
    const int to_compute = member.to_compute();
    member.sequence.mark_cached(gives_token ? count - 1 : count);
    if (member.prefill) {
        Prefill & prefill = *member.prefill;
        prefill.total = std::max(prefill.total, to_compute);
        if (prefill.on_progress) prefill.on_progress(prefill.total - member.to_compute(), prefill.total);
        return std::nullopt;
    }
    Generation & generation = *member.generation;
    member.prompt_total = std::max(member.prompt_total, to_compute);
    // What is computed again in the middle of a text is not the prompt.
    if (generation.metrics().output_tokens == 0)
        generation.report_progress(member.prompt_total - (gives_token ? 0 : member.to_compute()),
                                   member.prompt_total);
    std::optional<Verified> verified;
    if (gives_token) {
        member.spoilt = member.alone = false;
        // The root alone: nothing is drafted in the pass that the prompt needs anyway.
        const TreeRows root(last);
        verified = sample_and_match(context_, member, root, {});
        keep_verified(member, root, {}, *verified);
    }
    generation.metrics().prefill_ms += watch_.milliseconds();
    return verified;
}

} // namespace reprise
