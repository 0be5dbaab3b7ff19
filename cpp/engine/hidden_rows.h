#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace reprise {

/// Hidden states of a stretch of a text without gaps: a row of `width` numbers for each of its tokens.
class HiddenRows {
public:
    explicit HiddenRows(int width) : width_(width) {}

    /// The first token's place in the text, and the place behind the last.
    int begin() const { return begin_; }
    int end() const { return begin_ + size(); }
    int size() const { return static_cast<int>(values_.size() / static_cast<size_t>(width_)); }
    bool has(int index) const { return index >= begin() && index < end(); }

    std::span<const float> at(int index) const { return rows(index, 1); }

    /// The rows of `count` tokens from the one at `first` on, one after another.
    std::span<const float> rows(int first, int count) const {
        return std::span(values_).subspan(offset(first), static_cast<size_t>(count) * width_);
    }

    /// Room for the row of the token at `index`, which is the last one from then on. Where rows between it
    /// and the others would be missing, the others are dropped.
    std::span<float> put(int index) {
        if (index < begin_ || index > end()) {
            values_.clear();
            begin_ = index;
        }
        values_.resize(offset(index + 1));
        return std::span(values_).last(static_cast<size_t>(width_));
    }

    /// Drops the rows of the tokens from `index` on.
    void truncate(int index) {
        if (index < end()) values_.resize(offset(std::max(index, begin_)));
    }

    /// Drops the rows of the tokens before `index`.
    void drop_before(int index) {
        index = std::clamp(index, begin(), end());
        values_.erase(values_.begin(), values_.begin() + static_cast<ptrdiff_t>(offset(index)));
        begin_ = index;
    }

private:
    size_t offset(int index) const { return static_cast<size_t>(index - begin_) * width_; }

    int width_;
    int begin_ = 0;
    std::vector<float> values_;
};

} // namespace reprise
