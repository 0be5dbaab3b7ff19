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
    for (size_t first = 0; first < together.size(); first += most)
        parts.emplace_back(together.begin() + first,
                           together.begin() + std::min(first + most, together.size()));
    return parts;
}

DecodeStatus PromptPass::compute(const std::vector<Member *> & members) {
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
    return context_.decode(batch_);
}

} // namespace reprise
