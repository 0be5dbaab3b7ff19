#pragma once

#include <limits>
#include <memory>
#include <span>

#include "draft/draft_model.h"
#include "draft/pass_cost.h"
#include "engine/draft_sequence.h"

namespace reprise {

/// A draft model that is computed for a replay, where its passes cost a share of what those of the model do.
class ReplayedDraftModel final : public draft::DraftModel {
public:
    /// Throws Error OUT_OF_MEMORY, MODEL_INVALID.
    ReplayedDraftModel(const std::shared_ptr<Model> & model, int vocabulary_size, int context_length,
                       double share)
        : context_(model, context_length, vocabulary_size), sequence_(context_), share_(share) {}

    /// From now on passes cost so much. It is not owned.
    void use_cost(const draft::PassCost & cost) { cost_ = &cost; }

    void begin(std::span<const Token> text) override { sequence_.begin(text); }
    double single_milliseconds() const override { return share_ * cost_->steady_milliseconds(1, 0); }
    double milliseconds(std::span<const Token> path) override {
        const auto rows = sequence_.rows_after(path);
        return rows ? share_ * cost_->steady_milliseconds(*rows, 0) : std::numeric_limits<double>::infinity();
    }
    /// Throws Error where it failed since the last call.
    void require_sound() { sequence_.require_sound(); }
    std::span<const Candidate> ask(std::span<const Token> path) override { return sequence_.ask(path); }

private:
    DraftContext context_;
    DraftSequence sequence_;
    double share_;
    const draft::PassCost * cost_ = nullptr;
};

} // namespace reprise
