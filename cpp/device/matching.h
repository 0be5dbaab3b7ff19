#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "device/host_device.h"
#include "draft/device_text.h"

/// How a text in a device's memory is searched for the latest places of every level of match lengths.
///
/// The text is cut into segments, each walked by a block of lanes, tile by tile from the segment's end. Each
/// lane looks at some tokens of a tile. A place that ends in a context's last token, and whose level wants
/// more places, goes to the block's list. No lane waits for another there, so the list has no order; but each
/// place counts the later ones of its level in it, and this rank is the same in any order. A merge puts the
/// segments' places together, the latest segment's first.
///
/// Kernels and their twin on the host differ in what a block is. `Block` has `each_lane(f)`, which calls
/// `f(lane)` for every lane and ends when all have returned; and `add(number, count)`, which adds while
/// others add, and returns the number that was.
namespace reprise::device::matching {

/// Match lengths are capped here: SuffixIndex::key_length.
constexpr int longest = 32;
constexpr int levels = 7;
/// The most places of a level that a search can want.
constexpr int max_per_level = draft::DeviceText::max_per_level;
constexpr int lanes = 256;
/// A lane loads four tokens at once, so many times a tile.
constexpr int loads = 4;
constexpr int tile = lanes * loads * 4;
/// So many contexts share one walk through the text.
constexpr int max_contexts = 64;
/// A list that is full is given up: the tile is looked at again in parts, and if need be for some contexts at
/// a time. That fits.
constexpr int part = lanes;
constexpr int contexts_of_part = 8;
constexpr int list_capacity = part * contexts_of_part;

/// The last tokens of a context.
struct Query {
    int32_t tokens[longest]; ///< The last one first.
    int32_t length;          ///< How many of them there are.
};

struct Place {
    int32_t place;
    int32_t agreed; ///< How many tokens agree there.
};

/// The text, and which of its places count.
struct Text {
    const int32_t * tokens;
    int32_t first; ///< The places before it are evicted, but their tokens count.
    int32_t end;   ///< One more than the last place.
};

/// What is searched for, and where the segments' places go.
struct Search {
    Text text;
    const Query * queries;
    int32_t contexts;  ///< How many queries there are.
    int32_t per_level; ///< So many places of each level are wanted.
    int32_t segments;
    int32_t tiles_per_segment;
    uint64_t * counts; ///< [contexts][segments]: how many places of each level, a byte each.
    Place * places;    ///< [contexts][segments][levels][per_level]: the latest first.
};

/// What a context's search found in all segments, the latest first.
struct Found {
    int32_t count;
    Place places[levels * max_per_level];
};

/// A block's own memory while it walks a segment.
struct Segment {
    int32_t last[max_contexts];          ///< Each context's last token.
    int32_t found[max_contexts][levels]; ///< How many places there are.
    int32_t added[max_contexts][levels]; ///< How many more the list has.
    int32_t listed;                      ///< How many wanted to be in the list.
    uint32_t list[list_capacity];
    /// A bit for each hash of a last token. Most tokens of a text are no context's last one, and are known by
    /// one look at it.
    uint32_t last_tokens[1 << 12];
};

/// A block's own memory while it merges.
struct Merge {
    uint64_t before[lanes]; ///< The places in later segments than a lane's, of each level.
    uint64_t sum[lanes];
    Place places[levels][max_per_level];
};

REPRISE_HOST_DEVICE inline int level_of(int agreed) {
    if (agreed < 4) return agreed - 1;
    return agreed < 8 ? 3 : agreed < 16 ? 4 : agreed < longest ? 5 : 6;
}

/// How far the text agrees with the query, whose last token is at `place`.
REPRISE_HOST_DEVICE inline int agreement(const int32_t * tokens, int32_t place, const Query & query) {
    const int32_t limit = query.length < place + 1 ? query.length : place + 1;
    int agreed = 1;
    while (agreed < limit && tokens[place - agreed] == query.tokens[agreed]) ++agreed;
    return agreed;
}

REPRISE_HOST_DEVICE inline uint32_t hash_of(int32_t token) {
    return static_cast<uint32_t>(token) * 0x9e3779b1u >> 15;
}

// An entry of the list. From the highest bit on it holds the context, the level, the place's offset in its
// tile, and how far it agrees: those of one level of one context differ in what is below, and the later place
// is the greater entry.
constexpr int agreed_bits = 6, offset_bits = 12, level_bits = 3;
constexpr int key_shift = agreed_bits + offset_bits;
static_assert(tile == 1 << offset_bits && longest < 1 << agreed_bits && levels < 1 << level_bits);

REPRISE_HOST_DEVICE inline uint32_t entry_of(int context, int level, int32_t offset, int agreed) {
    return (static_cast<uint32_t>(context << level_bits | level) << offset_bits | offset) << agreed_bits |
           agreed;
}

/// How many places of the entry's level in the list are later, `limit` at most.
REPRISE_HOST_DEVICE inline int rank_of(uint32_t entry, const uint32_t * list, int count, int limit) {
    int rank = 0;
    for (int i = 0; i < count && rank < limit; ++i)
        rank += list[i] >> key_shift == entry >> key_shift && list[i] > entry;
    return rank;
}

/// Adds eight numbers of a byte each, and caps each sum at the most that a search can want.
REPRISE_HOST_DEVICE inline uint64_t add_counts(uint64_t a, uint64_t b) {
    constexpr uint64_t ones = 0x0101010101010101u;
    const uint64_t sum = a + b;
    const uint64_t above = ((sum + ones * (0x7f - max_per_level)) >> 7 & ones) * 0xff;
    return (sum & ~above) | (ones * max_per_level & above);
}
REPRISE_HOST_DEVICE inline int count_of(uint64_t counts, int level) {
    return static_cast<int>(counts >> (8 * level) & 0xff);
}

/// One block's walk through one segment, for the contexts `first_context` … `first_context + contexts - 1`.
template <typename Block> class SegmentWalk {
public:
    REPRISE_HOST_DEVICE SegmentWalk(Block & block, const Search & search, Segment & segment, int index,
                                    int first_context, int contexts)
        : block_(block), search_(search), segment_(segment), index_(index), first_context_(first_context),
          contexts_(contexts) {
        Segment & s = segment;
        block.each_lane([&](int lane) {
            for (int i = lane; i < 1 << 12; i += lanes) s.last_tokens[i] = 0;
            for (int c = lane; c < contexts; c += lanes) {
                s.last[c] = query(c).tokens[0];
                for (int level = 0; level < levels; ++level) s.found[c][level] = s.added[c][level] = 0;
            }
            if (lane == 0) s.listed = 0;
        });
        block.each_lane([&](int lane) {
            if (lane != 0) return;
            for (int c = 0; c < contexts; ++c) {
                const uint32_t hash = hash_of(s.last[c]);
                s.last_tokens[hash / 32] |= 1u << hash % 32;
            }
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

    /// A lane looks at the token at `place` of the tile, which may be the last one of a context. Returns
    /// whether it listed the place.
    template <bool many>
    REPRISE_HOST_DEVICE bool look_at(int32_t token, int32_t place, int32_t tile_begin) const {
        if constexpr (many) {
            const uint32_t hash = hash_of(token);
            if ((segment_.last_tokens[hash / 32] >> hash % 32 & 1) == 0) return false;
        } else if (token != segment_.last[0]) {
            return false;
        }
        return list_place(token, place, tile_begin, 0, contexts_);
    }

    /// Keeps the places of the tile that were listed.
    REPRISE_HOST_DEVICE void keep_listed(int32_t tile_begin) {
        const int listed = segment_.listed;
        // Every lane has read it before one of them changes it.
        block_.each_lane([](int) {});
        if (listed <= list_capacity) {
            keep(tile_begin);
            return;
        }
        clear_list();
        for (int32_t at = tile - part; at >= 0; at -= part) {
            if (list_part(tile_begin, at, 0, contexts_)) {
                keep(tile_begin);
                continue;
            }
            clear_list();
            for (int c = 0; c < contexts_; c += contexts_of_part) {
                list_part(tile_begin, at, c,
                          c + contexts_of_part < contexts_ ? c + contexts_of_part : contexts_);
                keep(tile_begin);
            }
        }
    }

    /// Whether places of any level of any context are wanted.
    REPRISE_HOST_DEVICE bool is_open(int lane) const {
        bool open = false;
        for (int i = lane; i < contexts_ * levels; i += lanes)
            open = open || segment_.found[i / levels][i % levels] < search_.per_level;
        return open;
    }

    /// Says how many places the segment has.
    REPRISE_HOST_DEVICE void end() const {
        block_.each_lane([&](int lane) {
            for (int c = lane; c < contexts_; c += lanes) {
                uint64_t counts = 0;
                for (int level = 0; level < levels; ++level)
                    counts |= static_cast<uint64_t>(segment_.found[c][level]) << (8 * level);
                search_.counts[at(c)] = counts;
            }
        });
    }

private:
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

    REPRISE_HOST_DEVICE bool list_place(int32_t token, int32_t place, int32_t tile_begin, int from,
                                        int to) const {
        if (!is_in_text(place)) return false;
        bool listed = false;
        for (int c = from; c < to; ++c) {
            if (segment_.last[c] != token) continue;
            const int agreed = agreement(search_.text.tokens, place, query(c));
            const int level = level_of(agreed);
            if (segment_.found[c][level] >= search_.per_level) continue;
            const int32_t slot = block_.add(segment_.listed, 1);
            if (slot < list_capacity) segment_.list[slot] = entry_of(c, level, place - tile_begin, agreed);
            listed = true;
        }
        return listed;
    }

    /// Lists the places of a part of the tile for some contexts. Returns whether all are in the list.
    REPRISE_HOST_DEVICE bool list_part(int32_t tile_begin, int32_t at, int from, int to) {
        block_.each_lane([&](int lane) {
            const int32_t place = tile_begin + at + lane;
            if (is_in_text(place)) list_place(search_.text.tokens[place], place, tile_begin, from, to);
        });
        const int listed = segment_.listed;
        block_.each_lane([](int) {});
        return listed <= list_capacity;
    }

    REPRISE_HOST_DEVICE void clear_list() {
        block_.each_lane([&](int lane) {
            if (lane == 0) segment_.listed = 0;
        });
    }

    REPRISE_HOST_DEVICE void keep(int32_t tile_begin) {
        Segment & s = segment_;
        const int count = s.listed;
        block_.each_lane([&](int lane) {
            for (int i = lane; i < count; i += lanes) {
                const uint32_t entry = s.list[i];
                const auto key = static_cast<int>(entry >> key_shift);
                const int context = key >> level_bits, level = key & ((1 << level_bits) - 1);
                block_.add(s.added[context][level], 1);
                const int found = s.found[context][level];
                const int rank = rank_of(entry, s.list, count, search_.per_level - found);
                if (found + rank >= search_.per_level) continue;
                const auto offset = static_cast<int32_t>(entry >> agreed_bits & ((1u << offset_bits) - 1));
                search_.places[(at(context) * levels + level) * search_.per_level + found + rank] = {
                    tile_begin + offset, static_cast<int32_t>(entry & ((1u << agreed_bits) - 1))};
            }
        });
        block_.each_lane([&](int lane) {
            for (int i = lane; i < contexts_ * levels; i += lanes) {
                int32_t & found = s.found[i / levels][i % levels];
                int32_t & added = s.added[i / levels][i % levels];
                const int32_t sum = found + added;
                found = sum < search_.per_level ? sum : search_.per_level;
                added = 0;
            }
            if (lane == 0) s.listed = 0;
        });
    }

    Block & block_;
    const Search & search_;
    Segment & segment_;
    const int index_;
    const int first_context_, contexts_;
};

/// Puts together what the segments have for one context.
template <typename Block>
REPRISE_HOST_DEVICE void merge(Block & block, const Search & search, Merge & merge, int context,
                               Found & found) {
    const int32_t each = (search.segments + lanes - 1) / lanes;
    const uint64_t * const counts = search.counts + static_cast<int64_t>(context) * search.segments;
    const auto end_of = [&](int lane) {
        return (lane + 1) * each < search.segments ? (lane + 1) * each : search.segments;
    };
    // A lane has `each` segments side by side. What lies in the later ones is a sum over the lanes before it,
    // made by doubling the distance (Hillis and Steele 1986).
    block.each_lane([&](int lane) {
        uint64_t sum = 0;
        for (int32_t s = lane * each; s < end_of(lane); ++s) sum = add_counts(sum, counts[s]);
        merge.sum[lane] = sum;
    });
    for (int distance = 1; distance < lanes; distance *= 2) {
        block.each_lane(
            [&](int lane) { merge.before[lane] = lane < distance ? 0 : merge.sum[lane - distance]; });
        block.each_lane([&](int lane) { merge.sum[lane] = add_counts(merge.sum[lane], merge.before[lane]); });
    }
    block.each_lane([&](int lane) {
        uint64_t before = lane == 0 ? 0 : merge.sum[lane - 1];
        for (int32_t s = lane * each; s < end_of(lane); before = add_counts(before, counts[s]), ++s) {
            const int64_t at = static_cast<int64_t>(context) * search.segments + s;
            for (int level = 0; level < levels; ++level) {
                const int from = count_of(before, level);
                for (int i = 0; i < count_of(counts[s], level) && from + i < search.per_level; ++i)
                    merge.places[level][from + i] =
                        search.places[(at * levels + level) * search.per_level + i];
            }
        }
    });
    // A level's places are in order. Over all levels a place's rank is how many are later.
    const auto count_at = [&](int level) {
        const int count = count_of(merge.sum[lanes - 1], level);
        return count < search.per_level ? count : search.per_level;
    };
    block.each_lane([&](int lane) {
        if (lane >= levels * max_per_level) return;
        const int own = lane / max_per_level, index = lane % max_per_level;
        if (lane == 0) {
            found.count = 0;
            for (int level = 0; level < levels; ++level) found.count += count_at(level);
        }
        if (index >= count_at(own)) return;
        const Place place = merge.places[own][index];
        int rank = 0;
        for (int level = 0; level < levels; ++level)
            for (int i = 0; i < count_at(level) && merge.places[level][i].place > place.place; ++i) ++rank;
        found.places[rank] = place;
    });
}

// What only the host does.

/// Which tokens of a text in memory count.
struct Window {
    int32_t first = 0; ///< The tokens before it are evicted.
    int32_t end = 0;

    size_t length() const { return static_cast<size_t>(end - first); }
    /// Evicts `count` tokens. Returns how many are to leave the memory's start, since they are more than
    /// those that stay; positions are counted from there afterwards.
    int32_t evict(size_t count) {
        constexpr int32_t fewest = 1024; // not worth moving the others
        first += static_cast<int32_t>(count < length() ? count : length());
        if (first - longest <= (end - first > fewest ? end - first : fewest)) return 0;
        const int32_t gone = first - longest;
        first -= gone;
        end -= gone;
        return gone;
    }
};

inline Query query_of(const draft::MatchContext & context) {
    Query query{};
    query.length = static_cast<int32_t>(context.length < longest ? context.length : longest);
    for (int32_t i = 0; i < query.length; ++i) query.tokens[i] = context.tokens[context.length - 1 - i];
    // Nothing agrees with what is no token.
    if (query.length == 0) query.tokens[0] = INT32_MIN;
    return query;
}

inline void copy_matches(const Found & found, const Window & window, std::vector<draft::Match> & matches) {
    matches.clear();
    for (const Place * place = found.places; place < found.places + found.count; ++place)
        matches.push_back(
            {static_cast<uint32_t>(place->agreed), static_cast<uint32_t>(place->place + 1 - window.first)});
}

/// How the text is cut for so many blocks at most: sets `segments` and `tiles_per_segment`.
inline void cut(Search & search, int32_t blocks) {
    const Text & text = search.text;
    const int32_t tiles = text.first < text.end ? (text.end - 1) / tile + 1 - text.first / tile : 0;
    search.tiles_per_segment = tiles > blocks ? (tiles + blocks - 1) / blocks : 1;
    search.segments = (tiles + search.tiles_per_segment - 1) / search.tiles_per_segment;
}

} // namespace reprise::device::matching
