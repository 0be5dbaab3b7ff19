#include "engine/learnt.h"

namespace reprise {

Learnt::Learnt(const MemoryOptions & memory, const VocabularyId & vocabulary) {
    if (!memory.path.empty())
        memory_ = std::make_unique<DraftMemory>(memory.path, vocabulary, memory.most_tokens);
}

draft::PassCost Learnt::pass_cost(int threads) const {
    std::lock_guard lock(mutex_);
    const auto found = cost_by_threads_.find(threads);
    return found == cost_by_threads_.end() ? draft::PassCost() : found->second;
}

void Learnt::keep_pass_cost(int threads, const draft::PassCost & cost) {
    std::lock_guard lock(mutex_);
    cost_by_threads_.insert_or_assign(threads, cost);
}

draft::Acceptance::Shifts Learnt::shifts() const {
    std::lock_guard lock(mutex_);
    return shifts_;
}

void Learnt::keep_shifts(const draft::Acceptance::Shifts & before, const draft::Acceptance::Shifts & after) {
    std::lock_guard lock(mutex_);
    for (size_t kind = 0; kind < after.size(); ++kind)
        if (after[kind] != before[kind]) shifts_[kind] = after[kind];
}

draft::Recycling Learnt::recycling() const {
    std::lock_guard lock(mutex_);
    return recycling_;
}

void Learnt::keep_recycling(const draft::Recycling & recycling, std::span<const draft::Token> tokens) {
    std::lock_guard lock(mutex_);
    recycling_.adopt(recycling, tokens);
}

void Learnt::seed(draft::Drafter & drafter) const {
    if (memory_) drafter.share_documents(memory_->index(), draft::Source::earlier);
    drafter.acceptance().start_from(shifts());
    drafter.recycling() = recycling();
}

} // namespace reprise
