#include "draft/place_groups.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdlib>

namespace reprise::draft {

namespace {

constexpr uint16_t none = UINT16_MAX;
/// So few tokens are found sooner one by one.
constexpr uint32_t few = 8;

/// A place's vote grows with its match: a long match has ruled out more than a short one.
float vote(const Place & place, int depth) {
    const float length = static_cast<float>(place.length + depth) + 0.5f;
    return length * length * length;
}

bool goes_on(const Place & place, int depth) {
    return place.next + depth < place.end && place.next[depth] != separator;
}

} // namespace

uint16_t PlaceGroups::group_of(Token token) {
    const auto add = [&] {
        groups_.push_back({.token = token});
        return static_cast<uint16_t>(groups_.size() - 1);
    };
    if (slots_.empty()) {
        const auto known = std::find_if(groups_.begin(), groups_.end(),
                                        [token](const Group & g) { return g.token == token; });
        return known != groups_.end() ? static_cast<uint16_t>(known - groups_.begin()) : add();
    }
    const size_t mask = slots_.size() - 1;
    size_t at = (static_cast<uint32_t>(token) * 0x9e3779b1u >> 16) & mask;
    for (; slots_[at] != none; at = (at + 1) & mask)
        if (groups_[slots_[at]].token == token) return slots_[at];
    return slots_[at] = add();
}

void PlaceGroups::add(uint32_t index, const Place & place, int depth) {
    const uint16_t group = group_of(place.next[depth]);
    members_.push_back({index, group});
    Group & g = groups_[group];
    ++g.count;
    g.votes += vote(place, depth);
    if (place.length > g.length) {
        g.length = place.length;
        g.best = index;
    }
    g.nearest = std::min(g.nearest, place.distance);
    g.shift = std::min(g.shift, static_cast<uint32_t>(std::abs(place.shift)));
    g.skip = std::max(g.skip, place.skip);
    g.skips += place.skip > 0;
}

void PlaceGroups::total(std::span<const Place> places, int depth) {
    if (groups_.empty()) return;
    for (const Group & g : groups_) {
        totals_.count += g.count;
        totals_.votes += g.votes;
        totals_.second = std::max(totals_.second, std::min(totals_.top, g.length));
        totals_.top = std::max(totals_.top, g.length);
        totals_.nearest = std::min(totals_.nearest, g.nearest);
        totals_.skips += g.skips;
    }
    const int32_t longest = totals_.top + depth, least = longest - longest / 4 - depth;
    for (const Member & member : members_) {
        const bool near_top = places[member.place].length >= least;
        groups_[member.group].near_top += near_top;
        totals_.near_top += near_top;
    }
}

/// Most nodes have one place.
void PlaceGroups::gather_one(std::span<const Place> places, int depth, std::vector<uint32_t> & indices,
                             uint32_t first) {
    const uint32_t index = indices[first];
    const Place & place = places[index];
    if (!goes_on(place, depth)) return;
    // The next cache line of a long copy.
    prefetch_memory(place.next + std::min<ptrdiff_t>(depth + 16, place.end - place.next - 1));
    const float votes = vote(place, depth);
    const uint32_t skips = place.skip > 0;
    groups_.push_back({.token = place.next[depth],
                       .first = first,
                       .count = 1,
                       .best = index,
                       .length = place.length,
                       .votes = votes,
                       .nearest = place.distance,
                       .shift = static_cast<uint32_t>(std::abs(place.shift)),
                       .skip = place.skip,
                       .skips = skips,
                       .near_top = 1});
    totals_ = {.count = 1,
               .votes = votes,
               .top = place.length,
               .second = INT32_MIN,
               .near_top = 1,
               .nearest = place.distance,
               .skips = skips};
}

void PlaceGroups::gather(std::span<const Place> places, int depth, uint32_t first, uint32_t count,
                         std::vector<uint32_t> & indices) {
    groups_.clear();
    totals_ = {};
    if (count == 1) return gather_one(places, depth, indices, first);
    members_.clear();
    slots_.assign(count <= few ? 0 : std::bit_ceil(2 * count), none);
    for (uint32_t i = first; i < first + count; ++i) {
        const Place & place = places[indices[i]];
        if (goes_on(place, depth)) add(indices[i], place, depth);
    }
    total(places, depth);

    auto next = static_cast<uint32_t>(indices.size());
    indices.resize(next + totals_.count);
    for (Group & g : groups_) {
        g.first = next;
        next += g.count;
        g.count = 0;
    }
    for (const Member & member : members_) {
        Group & g = groups_[member.group];
        indices[g.first + g.count++] = member.place;
    }
}

} // namespace reprise::draft
