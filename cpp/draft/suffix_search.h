#pragma once

#include <array>
#include <span>
#include <vector>

#include "draft/suffix_index.h"

namespace reprise::draft {

/// The nodes on the way down to a context's key, the latest first: the latest
/// place of every match length is among them.
class SearchPath {
public:
    /// How a place compares with the context.
    struct Step {
        int32_t place;
        int32_t agreed; ///< Tokens in agreement, at most `SuffixIndex::key_length`.
        bool is_before; ///< Whether the place's key is the smaller one.
    };

    SearchPath() = default;
    /// Without the end of the index's text itself, where the context is all of that.
    SearchPath(const SuffixIndex & index, std::span<const Token> context);

    /// The next node, or `none`.
    int32_t place() const {
        const int32_t latest = std::max(before_, after_);
        return latest >= index_->first_ ? latest : SuffixIndex::none;
    }
    Step take();
    /// All that is left agrees at least so far.
    int32_t agreed() const { return std::min(agreed_before_, agreed_after_); }

private:
    const SuffixIndex * index_ = nullptr;
    std::span<const Token> context_;
    bool is_own_ = false;
    /// The next nodes on either side; where the context is not the text's own end, only the first.
    int32_t before_ = SuffixIndex::none, after_ = SuffixIndex::none;
    int32_t agreed_before_ = 1, agreed_after_ = 1;
};

/// Finds the places that agree with the end of a context, without the end of the index's text itself where
/// the context is all of that: the latest few of each level of match lengths (1, 2, 3, 4-7, 8-15, 16-31, and
/// `SuffixIndex::key_length`, at which lengths are capped), unless too much had to be looked at for them. Of
/// the highest level that has any the latest is found in any case. It goes step by step, so that several
/// searches can wait for memory at once.
class SuffixSearch {
public:
    /// `per_level`: places wanted of each level. The index has to stay as it is until the search has ended.
    void start(const SuffixIndex & index, std::span<const Token> context, int per_level);
    /// Looks at one place. Returns false once there is nothing left to look at.
    bool step();
    void run() {
        while (step()) {
        }
    }

    /// The latest first.
    std::span<const SuffixIndex::Match> matches() const { return matches_; }

private:
    static constexpr int level_count = 7;

    /// A subtree off the search path, all on one side of the context.
    struct Branch {
        int32_t place;                  ///< Its root, the latest in it.
        uint8_t min_agreed, max_agreed; ///< The bounds of how far its keys agree with the context.
        bool is_before;                 ///< Whether they precede the context.
    };

    bool wants(int32_t min_agreed, int32_t max_agreed) const;
    void branch_off(int32_t place, int32_t min_agreed, int32_t max_agreed, bool is_before);
    void add(int32_t place, int32_t agreed);

    const SuffixIndex * index_ = nullptr;
    std::span<const Token> context_;
    int per_level_ = 0;
    int visits_left_ = 0;
    bool on_path_ = false;
    SearchPath path_;
    int32_t min_agreed_before_ = 1,
            min_agreed_after_ = 1; ///< Agreement of the last node of the path on either side.
    std::vector<Branch> branches_; ///< Ascending: the latest is the last.
    uint32_t open_ = 0;            ///< Levels, as bits, of which more places are wanted.
    std::array<int, level_count> found_{};
    std::vector<SuffixIndex::Match> matches_;
};

} // namespace reprise::draft
