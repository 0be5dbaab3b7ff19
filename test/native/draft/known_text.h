#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "draft/draft_model.h"

namespace reprise::draft {

/// A draft model that goes on with a text that it knows, wherever the conversation is a beginning of it. A
/// row takes it so many milliseconds, and a tenth of that where it computes several.
class KnownText final : public DraftModel {
public:
    KnownText(std::vector<Token> text, float probability, double milliseconds = 0.1)
        : known_(std::move(text)), probability_(probability), milliseconds_(milliseconds) {}

    void begin(std::span<const Token> text) override { text_ = text; }
    double single_milliseconds() const override { return milliseconds_; }
    double milliseconds(std::span<const Token> path) override {
        const size_t length = text_.size() + path.size();
        const size_t kept = std::min(computed_, length - 1);
        return milliseconds_ * (1 + 0.1 * static_cast<double>(length - kept - 1));
    }
    std::span<const Candidate> ask(std::span<const Token> path) override {
        ++asked;
        std::vector<Token> all(text_.begin(), text_.end());
        all.insert(all.end(), path.begin(), path.end());
        computed_ = all.size();
        candidates_.clear();
        const bool is_known =
            all.size() < known_.size() && std::equal(all.begin(), all.end(), known_.begin());
        if (is_known) candidates_.push_back({known_[all.size()], probability_});
        return candidates_;
    }

    int asked = 0;

private:
    std::vector<Token> known_;
    float probability_;
    double milliseconds_;
    size_t computed_ = 0;
    std::span<const Token> text_;
    std::vector<Candidate> candidates_;
};

} // namespace reprise::draft
