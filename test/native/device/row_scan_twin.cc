#include "row_scan_twin.h"

#include <algorithm>
#include <array>

#include "device/walk.h"

using namespace reprise::device;
using reprise::draft::Token;

namespace {

constexpr int warp_size = 32;

/// What merge_warp() gives to the first lane: the merges that do not lead there are left out.
template <typename T> T merge_warp(std::array<T, warp_size> lanes) {
    for (int mask = warp_size / 2; mask > 0; mask /= 2)
        for (int lane = 0; lane < mask; ++lane) merge(lanes[lane], lanes[lane ^ mask]);
    return lanes[0];
}

/// What merge_block() gives, where `of_thread` gives what each thread has.
template <typename T, typename OfThread> T merge_block(const OfThread & of_thread) {
    T all{};
    for (int warp = 0; warp < threads_of_block / warp_size; ++warp) {
        std::array<T, warp_size> lanes;
        for (int lane = 0; lane < warp_size; ++lane) lanes[lane] = of_thread(warp * warp_size + lane);
        const T merged = merge_warp(lanes);
        if (warp == 0)
            all = merged;
        else
            merge(all, merged);
    }
    return all;
}

template <typename OfThread> int sum_block(const OfThread & of_thread) {
    int sum = 0;
    for (int thread = 0; thread < threads_of_block; ++thread) sum += of_thread(thread);
    return sum;
}

/// The tokens that threads keep, in the worst order for whoever takes it for sorted: the last first.
class KeptList {
public:
    void keep(Ranked one) {
        if (++count_ <= most_kept) tokens_.insert(tokens_.begin(), one);
    }
    int count() const { return count_; }
    void place(Ranked * out) const {
        for (const Ranked & one : tokens_) {
            const auto rank = std::count_if(tokens_.begin(), tokens_.end(),
                                            [&](const Ranked & other) { return other.token < one.token; });
            out[rank] = one;
        }
    }

private:
    int count_ = 0;
    std::vector<Ranked> tokens_;
};

template <typename Reaching> uint32_t kth_key(int wanted, const Reaching & reaching) {
    uint32_t found = 0;
    for (int bit = 31; bit >= 0; --bit) {
        const uint32_t trial = with_bit(found, bit);
        if (sum_block([&](int thread) { return reaching(thread, trial); }) >= wanted) found = trial;
    }
    return found;
}

} // namespace

const Scan & RowScanTwin::scan(const float * logits, int vocabulary_size, const ScanRequest & request) {
    logits_ = logits;
    vocabulary_size_ = vocabulary_size;
    chunks_ = chunks_of(vocabulary_size);
    request_ = &request;
    const int rows = static_cast<int>(request.rows.size());
    scan_.best.assign(rows, no_best());
    choices_.assign(rows, no_choice);
    kept_.assign(rows, Kept{-7, {}});
    chunk_kept_.assign(chunks_, ChunkKept{});
    is_sent_.assign(rows, false);
    std::vector<Best> chunk_best(chunks_);
    for (int i = 0; i < rows; ++i) {
        for (int chunk = 0; chunk < chunks_; ++chunk)
            chunk_best[chunk] = merge_block<Best>(
                [&](int thread) { return best_of_thread(row(i), vocabulary_size, chunk, thread); });
        std::array<Best, warp_size> lanes;
        for (int lane = 0; lane < warp_size; ++lane)
            lanes[lane] = best_of_chunks(chunk_best.data(), chunks_, lane);
        scan_.best[i] = merge_warp(lanes);
        const Ranked & highest = scan_.best[i].at[0];
        if (request.rows[i].draw == RowDraw::highest && highest.logit > lowest) choices_[i] = highest.token;

        for (int chunk = 0; chunk < chunks_; ++chunk) {
            if (request.rows[i].draw == RowDraw::noised) sieve_chunk(i, chunk);
            if (request.rows[i].draw == RowDraw::top_k) top_k_chunk(i, chunk);
        }
        if (request.rows[i].draw == RowDraw::noised) sieve_row(i);
        if (request.rows[i].draw == RowDraw::top_k) top_k_row(i);
    }
    bytes_read_ += static_cast<int64_t>(rows * sizeof(Best));
    scan_.paths.clear();
    for (const TreeRequest & tree : request.trees) scan_.paths.push_back(walk(tree));
    return scan_;
}

void RowScanTwin::sieve_chunk(int index, int chunk) {
    const SieveRule rule = sieve_rule(request_->rows[index], scan_.best[index]);
    static float scores[threads_of_block][items_of_thread];
    ChunkKept & out = chunk_kept_[chunk];
    out.two = merge_block<TwoBest>([&](int thread) {
        return score_items(rule, row(index), vocabulary_size_, chunk, thread, scores[thread]);
    });
    KeptList list;
    for (int thread = 0; thread < threads_of_block; ++thread)
        for (int item = 0; item < items_of_thread; ++item)
            if (is_kept(rule, scores[thread][item], out.two))
                list.keep({token_of(chunk, thread, item), scores[thread][item]});
    list.place(out.tokens);
    out.count = list.count() > most_kept ? ChunkKept::too_many : list.count();
    out.cut_key = 0;
}

void RowScanTwin::top_k_chunk(int index, int chunk) {
    static uint32_t keys[threads_of_block][items_of_thread];
    for (int thread = 0; thread < threads_of_block; ++thread)
        key_items(row(index), vocabulary_size_, chunk, thread, keys[thread]);
    const auto reaching = [&](int thread, uint32_t least) { return count_reaching(keys[thread], least); };
    const uint32_t found = kth_key(request_->rows[index].top_k, reaching);
    uint32_t least = std::max(found, 1u);
    const bool is_cut = sum_block([&](int thread) { return reaching(thread, least); }) > most_kept;
    if (is_cut) ++least;
    KeptList list;
    for (int thread = 0; thread < threads_of_block; ++thread)
        for (int item = 0; item < items_of_thread; ++item) {
            const Token token = token_of(chunk, thread, item);
            if (keys[thread][item] >= least) list.keep({token, row(index)[token]});
        }
    ChunkKept & out = chunk_kept_[chunk];
    list.place(out.tokens);
    out.count = list.count();
    out.two = {lowest, lowest};
    out.cut_key = is_cut ? found : 0;
}

void RowScanTwin::sieve_row(int index) {
    const SieveRule rule = sieve_rule(request_->rows[index], scan_.best[index]);
    const ChunkKept * const parts = chunk_kept_.data();
    const TwoBest two =
        merge_block<TwoBest>([&](int thread) { return two_of_chunks(parts, chunks_, thread); });
    bool lost = false;
    for (int chunk = 0; chunk < chunks_; ++chunk) lost = lost || sieve_lost(rule, parts[chunk], two);
    KeptList list;
    for (int place = 0; place < places_of(chunks_); ++place)
        if (const Ranked * const one = token_at(parts, place); one && is_kept(rule, one->logit, two))
            list.keep(*one);
    Kept & out = kept_[index];
    out.count = !rule.is_usable || lost || list.count() > most_kept ? Kept::unknown : list.count();
    if (out.count == Kept::unknown) return;
    list.place(out.tokens);
    choices_[index] = sieve_choice(rule, out.tokens, out.count, two, no_choice);
    for (int i = 0; i < out.count; ++i) out.tokens[i].logit = row(index)[out.tokens[i].token];
}

void RowScanTwin::top_k_row(int index) {
    const ChunkKept * const parts = chunk_kept_.data();
    const int wanted = request_->rows[index].top_k;
    const auto reaching = [&](int thread, uint32_t least) {
        return count_kept_reaching(parts, chunks_, thread, least);
    };
    const uint32_t found = kth_key(wanted, reaching);
    const int kept = sum_block([&](int thread) { return reaching(thread, std::max(found, 1u)); });
    bool lost = false;
    for (int chunk = 0; chunk < chunks_; ++chunk)
        lost = lost || (parts[chunk].cut_key > 0 && parts[chunk].cut_key >= found);
    Kept & out = kept_[index];
    out.count = kept != wanted || lost ? Kept::unknown : wanted;
    if (out.count == Kept::unknown) return;
    KeptList list;
    for (int place = 0; place < places_of(chunks_); ++place)
        if (const Ranked * const one = token_at(parts, place); one && order_key(one->logit) >= found)
            list.keep(*one);
    list.place(out.tokens);
}

std::vector<int32_t> RowScanTwin::walk(const TreeRequest & tree) {
    const auto send = [&](int index) {
        is_sent_[index] = true;
        bytes_read_ +=
            static_cast<int64_t>(sizeof(int32_t) + std::max(kept_[index].count, 0) * sizeof(Ranked));
    };
    for (int index = tree.first_request; index <= tree.first_request + tree.nodes; ++index)
        if (is_hosts_choice(request_->rows[index])) send(index);
    std::vector<int32_t> path;
    for (int at = -1;;) {
        const int index = tree.first_request + 1 + at;
        if (request_->rows[index].draw == RowDraw::noised) send(index);
        int next = -1;
        for (int node = at + 1; node < tree.nodes && next < 0; ++node)
            if (is_next(request_->parents[tree.first_node + node], request_->tokens[tree.first_node + node],
                        at, choices_[index]))
                next = node;
        if (next < 0) return path;
        path.push_back(at = next);
    }
}

const Kept & RowScanTwin::kept(int index) {
    if (!is_sent_[index]) {
        ++fetched_;
        bytes_read_ += static_cast<int64_t>(sizeof(Kept));
        is_sent_[index] = true;
    }
    return kept_[index];
}
