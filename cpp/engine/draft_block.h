#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "draft/draft_model.h"

namespace reprise {

/// What a head that says a block of tokens at once said after a text: candidates for each place of the block.
class DraftBlock {
public:
    using Candidates = std::vector<draft::DraftModel::Candidate>;

    /// Whether it was asked since the text is what it is.
    bool is_known() const { return is_known_; }
    void set(std::vector<Candidates> places) {
        places_ = std::move(places);
        is_known_ = true;
    }
    void forget() {
        places_.clear();
        is_known_ = false;
    }

    /// The candidates after the text and the path; none where the block ends before that, or where the path
    /// is another than its best tokens: it said all places at once, and what follows others it does not know.
    std::optional<std::span<const draft::DraftModel::Candidate>>
    after(std::span<const draft::Token> path) const {
        if (path.size() >= places_.size()) return std::nullopt;
        for (size_t i = 0; i < path.size(); ++i)
            if (places_[i].front().token != path[i]) return std::nullopt;
        return places_[path.size()];
    }

private:
    bool is_known_ = false;
    std::vector<Candidates> places_; ///< None is empty.
};

} // namespace reprise
