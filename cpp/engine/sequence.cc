#include "engine/sequence.h"

#include <algorithm>

#include "engine/error.h"
#include "engine/llama_log.h"

namespace reprise {

namespace {
llama_seq_id acquire(Context & context) {
    const llama_seq_id id = context.acquire_sequence();
    if (id < 0)
        throw Error(
            ErrorCode::sequences_exhausted,
            "All " + std::to_string(context.options().max_sequences) +
                " sequences of the session and its forks are in use; dispose a fork or raise maxSequences");
    return id;
}

bool is_recurrent(const Context & context) {
    return has_states(context.cache_kind());
}

/// Where recurrent states keep snapshots, sequences must not share a cell: stepping back moves the cell for
/// all of them, and llama_memory_seq_cp forgets a step back that is still to be taken.
bool copy_state(Context & context, llama_seq_id from, llama_seq_id to) {
    if (context.cells_moved()) return false; // Their keys are not turned yet.
    LogCapture log;
    std::vector<uint8_t> state(llama_state_seq_get_size(context.handle(), from));
    state.resize(llama_state_seq_get_data(context.handle(), state.data(), state.size(), from));
    if (state.empty()) return false;
    return llama_state_seq_set_data(context.handle(), state.data(), state.size(), to) == state.size();
}
} // namespace

Sequence::Sequence(Context & context)
    : context_(context), id_(acquire(context)),
      lineage_(context.new_lineage()), leaves_{id_}, leaf_cached_{0} {}

Sequence::Sequence(const Sequence & parent, int length)
    : context_(parent.context_), id_(acquire(parent.context_)),
      lineage_(context_.new_lineage()), leaves_{id_}, leaf_cached_{0} {
    history_.assign(parent.history_.begin(), parent.history_.begin() + length);
    images_ = parent.images_;
    images_.truncate(length);
    // A recurrent state stands at one point alone: sharing it is all or nothing.
    const int shared = images_.outside(std::min(parent.cached_, std::max(0, length - 1)));
    const bool partial = parent.cached_ > shared;
    if (partial && is_recurrent(context_)) return;
    cached_ = shared;
    if (cached_ == 0) return;
    if (is_recurrent(context_) && context_.max_rollback() > 0) {
        if (!copy_state(context_, parent.id_, id_)) clear_cache();
        clear_unless_whole();
        return;
    }
    lineage_ = parent.lineage_;
    llama_memory_seq_cp(context_.cache(), parent.id_, id_, 0, partial ? position(cached_) : -1);
    clear_unless_whole();
}

Sequence::~Sequence() {
    return_leaves();
    context_.release_sequence(id_);
}

void Sequence::clear_cache() {
    for (const llama_seq_id id : leaves_) llama_memory_seq_rm(context_.cache(), id, -1, -1);
    std::fill(leaf_cached_.begin(), leaf_cached_.end(), 0);
    cached_ = 0;
    lineage_ = context_.new_lineage();
}

bool Sequence::whole() const {
    if (cached_ == 0) return true;
    return llama_memory_seq_pos_max(context_.cache(), id_) == images_.highest_position(cached_) &&
           sees_window();
}

bool Sequence::sees_window() const {
    const int window = context_.window();
    return window == 0 ||
           llama_memory_seq_pos_min(context_.cache(), id_) <= std::max(0, position(cached_) - window + 1);
}

void Sequence::clear_unless_whole() {
    if (!whole()) clear_cache();
}

void Sequence::cut_cache(int length) {
    if (length >= cached_) return;
    length = images_.outside(length);
    if (length <= 0 || is_recurrent(context_) ||
        !llama_memory_seq_rm(context_.cache(), id_, position(length), -1)) {
        // The cache cannot step back: the state is computed again from the start. Snapshots of a recurrent
        // state hold the last batch's rows alone, and llama_memory_seq_rm does not know how many those were.
        clear_cache();
        return;
    }
    cached_ = length;
    for (size_t i = 1; i < leaves_.size(); ++i) {
        if (leaf_cached_[i] <= cached_) continue;
        llama_memory_seq_rm(context_.cache(), leaves_[i], position(cached_), -1);
        leaf_cached_[i] = cached_;
    }
    clear_unless_whole();
}

int Sequence::replace(std::span<const Token> tokens, ImageSpans images) {
    const auto differ = std::mismatch(history_.begin(), history_.end(), tokens.begin(), tokens.end());
    const int common = static_cast<int>(differ.first - history_.begin());
    cut_cache(std::min(common, static_cast<int>(tokens.size()) - 1));
    history_.assign(tokens.begin(), tokens.end());
    images_ = std::move(images);
    return common;
}

void Sequence::replace_from(int from, std::span<const Token> tokens) {
    cut_cache(std::min(from, from + static_cast<int>(tokens.size()) - 1));
    history_.resize(from);
    images_.truncate(from);
    history_.insert(history_.end(), tokens.begin(), tokens.end());
}

void Sequence::truncate(int length) {
    cut_cache(length - 1);
    history_.resize(length);
    images_.truncate(length);
}

void Sequence::discard_uncached() {
    for (size_t i = 1; i < leaves_.size(); ++i)
        llama_memory_seq_rm(context_.cache(), leaves_[i],
                            leaf_cached_[i] > 0 ? position(leaf_cached_[i]) : -1, -1);
    // The rows of an image may be at one position, all of them.
    cut_cache(images_.outside(cached_));
    // A recurrent state steps back to snapshots, which an interrupted batch leaves half written.
    if (is_recurrent(context_)) {
        clear_cache();
        return;
    }
    const llama_pos next = position(cached_);
    if (llama_memory_seq_pos_max(context_.cache(), id_) >= next &&
        (cached_ == 0 || !llama_memory_seq_rm(context_.cache(), id_, next, -1)))
        clear_cache();
    clear_unless_whole();
}

void Sequence::shift(int keep, int count) {
    return_leaves();
    const ImageSpans::Span * const cut = images_.at(keep + count - 1);
    const int end = cut ? cut->end() : keep + count;
    count = end - keep;
    // Where they are moved, a place and its position are one (Context::can_move_cells).
    images_.erase(keep, end);
    history_.erase(history_.begin() + keep, history_.begin() + end);
    // A recurrent state goes on from all that it has seen, so it has to stand beyond what is forgotten.
    // What the window hides may be shown again once the cells are moved: it has to be there.
    const bool complete = context_.window() == 0 || llama_memory_seq_pos_min(context_.cache(), id_) == 0;
    const bool moves = cached_ > end && complete && context_.can_move_cells() &&
                       llama_memory_seq_rm(context_.cache(), id_, keep, end);
    if (!moves) {
        cut_cache(keep);
        return;
    }
    context_.move_cells(id_, end, -count);
    cached_ -= count;
}

void Sequence::give_way(const Sequence & other, int keep) {
    if (!shares_cells(other) || cached_ <= keep) return;
    const bool share = other.length() > keep &&
                       std::equal(history_.begin(), history_.begin() + keep + 1, other.history_.begin());
    if (share) cut_cache(keep);
}

void Sequence::restore(std::vector<Token> tokens, ImageSpans images, int cached) {
    return_leaves();
    history_ = std::move(tokens);
    images_ = std::move(images);
    cached_ = cached;
    clear_unless_whole();
}

std::span<const llama_seq_id> Sequence::leaves(int wanted) {
    while (static_cast<int>(leaves_.size()) < wanted) {
        const llama_seq_id id = context_.acquire_sequence();
        if (id < 0) break;
        leaves_.push_back(id);
        leaf_cached_.push_back(0);
    }
    const int count = std::min(wanted, static_cast<int>(leaves_.size()));
    const bool may_lose = context_.window() > 0;
    for (int i = 1; i < count; ++i) {
        // A cache that gives cells away takes them from one sequence at a time.
        if (may_lose && leaf_cached_[i] > 0 &&
            llama_memory_seq_pos_min(context_.cache(), leaves_[i]) !=
                llama_memory_seq_pos_min(context_.cache(), id_)) {
            llama_memory_seq_rm(context_.cache(), leaves_[i], -1, -1);
            leaf_cached_[i] = 0;
        }
        if (leaf_cached_[i] == cached_) continue;
        llama_memory_seq_cp(context_.cache(), id_, leaves_[i], position(leaf_cached_[i]), position(cached_));
        leaf_cached_[i] = cached_;
    }
    return std::span(leaves_).first(count);
}

void Sequence::keep_path(int used_leaves, int kept, int shared, int depth) {
    const llama_pos root_end = position(cached_) + 1;
    llama_memory_t cache = context_.cache();
    const int own = kept == 0 ? depth : shared;
    if (llama_memory_seq_pos_max(cache, id_) >= root_end + own &&
        !llama_memory_seq_rm(cache, id_, root_end + own, -1)) {
        clear_cache();
        return;
    }
    if (kept != 0 && depth > shared)
        llama_memory_seq_cp(cache, leaves_[kept], id_, root_end + shared, root_end + depth);
    for (int i = 1; i < used_leaves; ++i) {
        llama_memory_seq_rm(cache, leaves_[i], root_end, -1);
        leaf_cached_[i] = cached_ + 1;
    }
    cached_ += 1 + depth;
    // A batch of several micro batches may have given away what the rejected rows no longer saw.
    if (context_.window() > 0) clear_unless_whole();
}

void Sequence::return_leaves() {
    for (size_t i = 1; i < leaves_.size(); ++i) context_.release_sequence(leaves_[i]);
    leaves_.resize(1);
    leaf_cached_.resize(1);
}

} // namespace reprise
