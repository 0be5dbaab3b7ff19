#pragma once

#include <array>
#include <span>
#include <vector>

#include "draft/suffix_index.h"

namespace reprise::draft {

/// The nodes on the way down to a context's key, the latest first. The latest place of every match length is
/// among them.
class SearchPath {
public:
    /// How a place compares with the context.
    struct Step {
        int32_t place;
        int32_t agreed; ///< How many tokens agree, `SuffixIndex::key_length` at most.
        bool is_before; ///< Whether the place's key is the smaller one.
    };

    SearchPath() = default;
    /// Leaves out the end of the index's text itself, where the context is all of that text.
    SearchPath(const SuffixIndex & index, std::span<const Token> context);

    /// The place of the next node, or `none`.
    int32_t place() const {
        const int32_t latest = std::max(before_, after_);
        return latest >= index_->first_ ? latest : SuffixIndex::none;
    }
    /// Goes on to the node after it.
    Step take();
    /// How many tokens all nodes that are left agree with at least.
    int32_t agreed() const { return std::min(agreed_before_, agreed_after_); }

private:
    const SuffixIndex * index_ = nullptr;
    std::span<const Token> context_;
    bool is_own_ = false;
    /// The next nodes on either side. Where the context is not the text's own end, only the first is used.
    int32_t before_ = SuffixIndex::none, after_ = SuffixIndex::none;
    int32_t agreed_before_ = 1, agreed_after_ = 1;
};

/// How many places a search looks at.
enum class SearchEffort : uint8_t {
    bounded, ///< As many as pay. It may miss places of all but the highest level.
    exact    ///< As many as it takes to find the latest places of every level.
};

/// Finds the places that agree with the end of a context, without the end of the index's text itself where
/// the context is all of that text. It finds the latest few of each level of match lengths (1, 2, 3, 4-7,
/// 8-15, 16-31, and `SuffixIndex::key_length`, at which lengths are capped), unless its effort is bounded and
/// it had to look at too many for them. The latest place of the highest level that has any is found in any
/// case. The search goes step by step, so that several searches can wait for memory at once.
class SuffixSearch {
public:
    /// Starts a search for `per_level` places of each level. The index has to stay as it is until the search
    /// has ended.
    void start(const SuffixIndex & index, std::span<const Token> context, int per_level,
               SearchEffort effort = SearchEffort::bounded);
    /// Looks at one place. Returns false once there is nothing left to look at.
    bool step();
    void run() {
        while (step()) {
        }
    }

    /// What was found, the latest first.
    std::span<const SuffixIndex::Match> matches() const { return matches_; }

private:
    static constexpr int level_count = 7;

    /// A subtree off the search path, all on one side of the context.
    struct Branch {
        int32_t place;                  ///< The subtree's root, which is the latest place in it.
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
    /// How many tokens the last node of the path agrees with, on either side.
    int32_t min_agreed_before_ = 1, min_agreed_after_ = 1;
    std::vector<Branch> branches_; ///< The branches by place, the latest last.
    uint32_t open_ = 0;            ///< A bit for each level of which more places are wanted.
    std::array<int, level_count> found_{};
    std::vector<SuffixIndex::Match> matches_;
};

} // namespace reprise::draft
