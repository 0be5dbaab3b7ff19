#pragma once

#include "device/bits.h"
#include "device/matching.h"

/// One block's walk through one segment of a text, for up to `max_contexts` contexts at once, tile by tile
/// from the segment's end.
///
/// Contexts with the same last token are a group. Lanes look at each token of a tile once, whatever the
/// number of contexts: most tokens are no context's last one, and a bit says so. Others mark their place for
/// their group, and a bit of the token before tells the places where one token agrees from those where more
/// may. Then each context has some lanes, which look at the places of its group alone, each at a part of the
/// tile: they count those that agree far enough to be wanted, and then write those that are among the latest.
/// The text is compared where two tokens may agree. Where one does, bits are counted, until enough of these
/// places are known.
///
/// Marks are bits, and counts are added in the order of parts: no result depends on which lane came first.
///
/// Kernels and their twin on the host differ in what a block is. `Block` has `each_lane(f)`, which calls
/// `f(lane)` for every lane and ends when all have returned; and what others may do to the same number at the
/// same time, each of which returns what it was before: `set_bits`, `clear_bits`, `subtract`, `lower` (to the
/// lower of two), and `exchange`, which changes it from one value to another if it has the first.
namespace reprise::device::matching {

constexpr int tile_words = tile / 32;
/// Bits of hashes of last tokens, and a table of these tokens, of which at most a quarter is in use.
constexpr int hash_bits = 14, table_bits = 8, table_size = 1 << table_bits;
static_assert(max_contexts * 4 <= table_size && tile_words % 32 == 0 &&
              max_contexts * tile_words / 16 <= lanes);

/// A block's own memory while it walks a segment for many contexts, or for one. The first context of a group
/// is the group's number.
template <bool many> struct Segment {
    static constexpr int capacity = many ? max_contexts : 1;

    uint64_t found[capacity];       ///< A context's places, of each level.
    uint64_t counts[lanes];         ///< What a lane found in a tile, of each level.
    int32_t group[capacity];        ///< Of a context.
    int32_t wants_one[capacity];    ///< So many of a group want places where one token agrees.
    uint32_t before_last[capacity]; ///< A bit for each hash of the tokens before a group's last one.
    /// Bits for a group's places in a tile: where one token agrees with each of its contexts, and where more
    /// may agree with one.
    uint32_t ones[capacity][tile_words], more[capacity][tile_words];
    uint32_t marked[capacity][tile_words / 32];             ///< In which words of these are bits.
    uint32_t last_tokens[many ? (1 << hash_bits) / 32 : 1]; ///< A bit for each hash of a last token.
    int32_t keys[many ? table_size : 1]; ///< Last tokens, each where its hash says or behind.
    int32_t group_of_key[many ? table_size : 1];
};

REPRISE_HOST_DEVICE inline uint32_t hash_of(int32_t token) {
    return static_cast<uint32_t>(token) * 0x9e3779b1u >> (32 - hash_bits);
}
REPRISE_HOST_DEVICE inline uint32_t bit_of(int32_t token) {
    return 1u << (static_cast<uint32_t>(token) * 0x9e3779b1u >> 27);
}

template <typename Block, bool many> class SegmentWalk {
public:
    REPRISE_HOST_DEVICE SegmentWalk(Block & block, const Search & search, Segment<many> & segment, int index,
                                    int first_context, int contexts)
        : block_(block), search_(search), segment_(segment), index_(index), first_context_(first_context),
          contexts_(contexts), parts_(parts_for(contexts)), words_of_part_(tile_words / parts_) {
        block.each_lane([&](int lane) { clear(lane); });
        block.each_lane([&](int lane) {
            if (lane < contexts_) add_last_token(lane);
        });
        block.each_lane([&](int lane) {
            if (lane < contexts_) join_group(lane);
        });
    }

    /// Where the segment's tiles begin and end, counted from the text's start. The first segment is the
    /// text's end.
    REPRISE_HOST_DEVICE int32_t first_tile() const {
        const int32_t from_end = (index_ + 1) * search_.tiles_per_segment;
        const int32_t tiles = end_tile_of_text();
        return tiles - from_end > first_tile_of_text() ? tiles - from_end : first_tile_of_text();
    }
    REPRISE_HOST_DEVICE int32_t end_tile() const {
        return end_tile_of_text() - index_ * search_.tiles_per_segment;
    }

    /// Marks the token at `place` of the tile if it is the last one of a context that may want the place.
    /// Returns whether it is.
    REPRISE_HOST_DEVICE bool look_at(int32_t token, int32_t place, int32_t tile_begin) const {
        if (!may_be_last(token) || !is_in_text(place)) return false;
        const int group = group_of(token);
        if (group < 0) return false;
        Segment<many> & s = segment_;
        const bool more = place > 0 && (s.before_last[group] & bit_of(search_.text.tokens[place - 1])) != 0;
        if (!more && s.wants_one[group] == 0) return false;
        const int32_t offset = place - tile_begin, word = offset / 32;
        if (block_.set_bits((more ? s.more : s.ones)[group][word], 1u << offset % 32) == 0)
            block_.set_bits(s.marked[group][word / 32], 1u << word % 32);
        return true;
    }

    /// Keeps the tile's places that are wanted among those that are marked.
    REPRISE_HOST_DEVICE void keep_marked(int32_t tile_begin) {
        block_.each_lane([&](int lane) {
            if (context_of(lane) < contexts_) count_part(lane, tile_begin);
        });
        block_.each_lane([&](int lane) {
            if (context_of(lane) < contexts_ && segment_.counts[lane] != 0) write_part(lane, tile_begin);
        });
        block_.each_lane([&](int lane) {
            if (context_of(lane) >= contexts_) return;
            if (lane % parts_ == 0) add_found(lane);
            clear_part(lane);
        });
    }

    /// Whether places of any level of any context are wanted.
    REPRISE_HOST_DEVICE bool is_open(int lane) const {
        bool open = false;
        if (lane < contexts_)
            for (int level = 0; level < levels; ++level) open = open || wants(segment_.found[lane], level);
        return open;
    }

    /// Says how many places the segment has.
    REPRISE_HOST_DEVICE void end() const {
        block_.each_lane([&](int lane) {
            if (lane < contexts_) search_.counts[at(lane)] = segment_.found[lane];
        });
    }

private:
    /// So many lanes look at a context's places. Each has some words of the marks, the first one the last
    /// words.
    REPRISE_HOST_DEVICE static int parts_for(int contexts) {
        int parts = tile_words;
        while (parts * contexts > lanes) parts /= 2;
        return parts;
    }
    REPRISE_HOST_DEVICE int context_of(int lane) const { return lane / parts_; }
    REPRISE_HOST_DEVICE int first_word_of(int lane) const {
        return tile_words - (lane % parts_ + 1) * words_of_part_;
    }

    REPRISE_HOST_DEVICE const Query & query(int context) const {
        return search_.queries[first_context_ + context];
    }
    /// Where the context's part of this segment is.
    REPRISE_HOST_DEVICE int64_t at(int context) const {
        return static_cast<int64_t>(first_context_ + context) * search_.segments + index_;
    }
    REPRISE_HOST_DEVICE int32_t first_tile_of_text() const { return search_.text.first / tile; }
    REPRISE_HOST_DEVICE int32_t end_tile_of_text() const {
        return search_.text.end / tile + (search_.text.end % tile != 0);
    }
    REPRISE_HOST_DEVICE bool is_in_text(int32_t place) const {
        return place >= search_.text.first && place < search_.text.end;
    }
    REPRISE_HOST_DEVICE bool wants(uint64_t counts, int level) const {
        return count_of(counts, level) < search_.per_level;
    }

    REPRISE_HOST_DEVICE void clear(int lane) {
        Segment<many> & s = segment_;
        for (int c = lane; c < contexts_; c += lanes) {
            s.found[c] = 0;
            s.wants_one[c] = 0;
            s.before_last[c] = 0;
            for (uint32_t & words : s.marked[c]) words = 0;
        }
        for (int i = lane; i < contexts_ * tile_words; i += lanes)
            s.ones[i / tile_words][i % tile_words] = s.more[i / tile_words][i % tile_words] = 0;
        if constexpr (many) {
            for (int i = lane; i < (1 << hash_bits) / 32; i += lanes) s.last_tokens[i] = 0;
            for (int i = lane; i < table_size; i += lanes) {
                s.keys[i] = no_token;
                s.group_of_key[i] = max_contexts;
            }
        }
    }
    REPRISE_HOST_DEVICE void add_last_token(int context) {
        Segment<many> & s = segment_;
        const int32_t token = query(context).tokens[0];
        if constexpr (many) {
            s.group[context] = -1;
            if (token == no_token) return;
            const uint32_t hash = hash_of(token);
            block_.set_bits(s.last_tokens[hash / 32], 1u << hash % 32);
            int slot = static_cast<int>(hash >> (hash_bits - table_bits));
            for (int32_t key;
                 (key = block_.exchange(s.keys[slot], no_token, token)) != no_token && key != token;)
                slot = (slot + 1) % table_size;
            block_.lower(s.group_of_key[slot], context);
            s.group[context] = slot; // until all have a group
        } else {
            s.keys[0] = token;
        }
    }
    REPRISE_HOST_DEVICE void join_group(int context) {
        Segment<many> & s = segment_;
        const int slot = many ? s.group[context] : 0;
        // Nothing is marked for a context without tokens, whose group is its own.
        const int group = many && slot >= 0 ? s.group_of_key[slot] : context;
        s.group[context] = group;
        block_.subtract(s.wants_one[group], -1);
        if (query(context).length > 1)
            block_.set_bits(s.before_last[group], bit_of(query(context).tokens[1]));
    }

    REPRISE_HOST_DEVICE bool may_be_last(int32_t token) const {
        if constexpr (!many) return token == segment_.keys[0];
        const uint32_t hash = hash_of(token);
        return (segment_.last_tokens[hash / 32] >> hash % 32 & 1) != 0;
    }
    /// -1 where the token is no context's last one.
    REPRISE_HOST_DEVICE int group_of(int32_t token) const {
        if constexpr (!many) return token == no_token ? -1 : 0;
        int slot = static_cast<int>(hash_of(token) >> (hash_bits - table_bits));
        while (segment_.keys[slot] != token && segment_.keys[slot] != no_token)
            slot = (slot + 1) % table_size;
        return segment_.keys[slot] == no_token ? -1 : segment_.group_of_key[slot];
    }

    /// Calls `call(word)` for the lane's words with marks, the last one first.
    template <typename Call> REPRISE_HOST_DEVICE void each_word(int lane, const Call & call) const {
        const int first = first_word_of(lane);
        for (uint32_t words = marked_of_part(segment_.group[context_of(lane)], first); words != 0;) {
            const int word = highest_bit(words);
            words ^= 1u << word;
            call(first / 32 * 32 + word);
        }
    }
    REPRISE_HOST_DEVICE uint32_t marked_of_part(int group, int first) const {
        const uint32_t part = (1u << words_of_part_) - 1;
        return segment_.marked[group][first / 32] & part << first % 32;
    }

    REPRISE_HOST_DEVICE void count_part(int lane, int32_t tile_begin) const {
        const int context = context_of(lane), group = segment_.group[context];
        const uint64_t found = segment_.found[context];
        uint64_t count = 0;
        int ones = 0;
        each_word(lane, [&](int word) {
            ones += count_bits(segment_.ones[group][word]);
            for (uint32_t bits = segment_.more[group][word]; bits != 0;) {
                const int bit = highest_bit(bits);
                bits ^= 1u << bit;
                const int agreed =
                    agreement(search_.text.tokens, tile_begin + word * 32 + bit, query(context));
                const int level = level_of(agreed);
                if (wants(found + count, level)) count += uint64_t{1} << (8 * level);
            }
        });
        const int missing = search_.per_level - count_of(found + count, 0);
        if (missing > 0) count += ones < missing ? ones : missing;
        segment_.counts[lane] = count;
    }
    REPRISE_HOST_DEVICE void write_part(int lane, int32_t tile_begin) const {
        const int context = context_of(lane), group = segment_.group[context];
        uint64_t before = segment_.found[context];
        for (int other = context * parts_; other < lane; ++other)
            before = add_counts(before, segment_.counts[other]);
        Place * const places = search_.places + at(context) * levels * search_.per_level;
        each_word(lane, [&](int word) {
            const uint32_t more = segment_.more[group][word], ones = segment_.ones[group][word];
            for (uint32_t bits = wants(before, 0) ? more | ones : more; bits != 0;) {
                const int bit = highest_bit(bits);
                bits ^= 1u << bit;
                const int32_t place = tile_begin + word * 32 + bit;
                const int agreed =
                    more >> bit & 1 ? agreement(search_.text.tokens, place, query(context)) : 1;
                const int level = level_of(agreed);
                if (!wants(before, level)) continue;
                places[level * search_.per_level + count_of(before, level)] = {place, agreed};
                before += uint64_t{1} << (8 * level);
            }
        });
    }
    REPRISE_HOST_DEVICE void add_found(int lane) const {
        const int context = context_of(lane);
        uint64_t & found = segment_.found[context];
        const bool wanted_one = wants(found, 0);
        for (int other = lane; other < lane + parts_; ++other)
            found = add_counts(found, segment_.counts[other]);
        if (wanted_one && !wants(found, 0)) block_.subtract(segment_.wants_one[segment_.group[context]], 1);
    }
    /// Clears the marks of a part, of the group with the number of the lane's context.
    REPRISE_HOST_DEVICE void clear_part(int lane) const {
        const int group = context_of(lane), first = first_word_of(lane);
        const uint32_t words = marked_of_part(group, first);
        if (words == 0) return;
        for (int i = first; i < first + words_of_part_; ++i)
            segment_.ones[group][i] = segment_.more[group][i] = 0;
        block_.clear_bits(segment_.marked[group][first / 32], words);
    }

    Block & block_;
    const Search & search_;
    Segment<many> & segment_;
    const int index_;
    const int first_context_, contexts_;
    const int parts_, words_of_part_;
};

} // namespace reprise::device::matching
