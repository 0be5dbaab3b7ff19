#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "device/host_device.h"
#include "draft/device_text.h"

/// How a text in a device's memory is searched for the latest places of every level of match lengths: what is
/// asked for, what comes back, and how the text is parted.
///
/// The text is cut into segments, each walked by a block of lanes from the segment's end (segment_walk.h). A
/// merge puts the segments' places together, the latest segment's first (segment_merge.h).
namespace reprise::device::matching {

/// Match lengths are capped here: SuffixIndex::key_length.
constexpr int longest = 32;
constexpr int levels = 7;
/// The most places of a level that a search can want.
constexpr int max_per_level = draft::DeviceText::max_per_level;
constexpr int lanes = 256;
/// A lane loads four tokens at once, so many times a tile.
constexpr int loads = 2;
constexpr int tile = lanes * loads * 4;
/// So many contexts share one walk through the text.
constexpr int max_contexts = 64;

/// Nothing agrees with what is no token.
constexpr int32_t no_token = INT32_MIN;

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
    if (query.length == 0) query.tokens[0] = no_token;
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
