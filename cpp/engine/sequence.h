#pragma once

#include <span>
#include <vector>

#include "engine/context.h"
#include "engine/image_spans.h"

namespace reprise {

/// A sequence of a llama_context: cache cells and token history as one thing. Every token of the
/// history that the cache does not hold yet is *pending*; the last one always is, because its logits
/// are what the next pass is made for.
///
/// A cache may lose cells: the one of sliding-window layers gives those that its window hides to other rows,
/// a saved state leaves them out, and a recurrent state stands at one point alone. Here alone it is known
/// which are whole: `cached()` counts cells only while every layer's cache holds all that the row after them
/// attends to, whatever was done before, and a sequence that steps back to where that is not so becomes
/// pending from its start.
class Sequence {
public:
    /// Throws Error SEQUENCES_EXHAUSTED.
    explicit Sequence(Context & context);
    /// Shares the cells of `parent`.
    Sequence(const Sequence & parent, int length);
    ~Sequence();
    Sequence(const Sequence &) = delete;
    Sequence & operator=(const Sequence &) = delete;

    const std::vector<Token> & history() const { return history_; }
    int length() const { return static_cast<int>(history_.size()); }
    /// Where the history's images are.
    const ImageSpans & images() const { return images_; }
    /// The position of the token at `index` of the history, or of the next where that is its length.
    llama_pos position(int index) const { return images_.position(index); }
    /// How many tokens, from the history's start on, have their cells in every layer's cache, as far as the
    /// next row sees them.
    int cached() const { return cached_; }
    int pending() const { return length() - cached_; }
    llama_seq_id id() const { return id_; }

    /// Makes the history equal `tokens`, whose images are `images`, and keeps the cells of the longest common
    /// prefix. Returns that prefix's length.
    int replace(std::span<const Token> tokens, ImageSpans images = {});
    /// Makes what follows the first `from` tokens of the history equal `tokens`, which are text. It is not
    /// empty after that.
    void replace_from(int from, std::span<const Token> tokens);
    /// Cuts the history to `length` tokens, which is no place inside of an image.
    void truncate(int length);
    void append(Token token) { history_.push_back(token); }
    /// The cells of the next `count` pending tokens are in the cache now.
    void mark_cached(int count) { cached_ += count; }
    /// Whether a sliding window's cache holds all that the row after the cached ones sees. Asked after a
    /// pass, it tells whether that row was computed with all of it.
    bool sees_window() const;
    /// Drops cells that a failed or aborted batch may have left behind.
    void discard_uncached();
    /// Forgets `count` tokens after the first `keep`, which is no place inside of an image, and the rest of
    /// an image that ends there. The cells after them are moved up where every layer's cache can do that, and
    /// computed again where one cannot. Other sequences must have given way.
    void shift(int keep, int count);
    /// Whether the two may share cells.
    bool shares_cells(const Sequence & other) const {
        return lineage_ == other.lineage_ && cached_ > 0 && other.cached_ > 0;
    }
    /// Drops the cells after the first `keep` where `other`, whose cells are to be moved, may share one of
    /// them.
    void give_way(const Sequence & other, int keep);
    /// Gives all cells back; the history stays and is pending.
    void clear_cache();
    /// Takes over a history whose first `cached` cells were put into the cache, as far as they are whole.
    void restore(std::vector<Token> tokens, ImageSpans images, int cached);

    /// The sequence ids of the tree's leaves. The first is this sequence's; the others are borrowed and share
    /// its cells up to `cached()`. There are `wanted`, and fewer where ids run out.
    std::span<const llama_seq_id> leaves(int wanted);
    /// After a pass whose root is the first pending token: keeps the root's cell and `depth` cells of the
    /// leaf `kept`'s path, of which `shared` are on this sequence's own path too; everything else goes. A
    /// recurrent state, which has no cells, is rolled back to its snapshot of that row.
    void keep_path(int used_leaves, int kept, int shared, int depth);
    int borrowed_leaves() const { return static_cast<int>(leaves_.size()) - 1; }
    /// Gives the borrowed ids back.
    void return_leaves();

private:
    void cut_cache(int length);
    bool whole() const;
    void clear_unless_whole();

    Context & context_;
    llama_seq_id id_;
    std::vector<Token> history_;
    ImageSpans images_;
    int cached_ = 0;
    int lineage_; ///< Sequences of the same lineage may share cells: a fork has its parent's.
    std::vector<llama_seq_id> leaves_; ///< this sequence's own id, and borrowed ones
    std::vector<int> leaf_cached_;     ///< how many cells each leaf shares with this sequence
};

} // namespace reprise
