#include "draft/occurrence_groups.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdlib>

namespace reprise::draft {

namespace {

constexpr uint16_t none = UINT16_MAX;
/// Up to so many groups are looked through one by one, which takes less time than filling a table.
constexpr uint32_t few = 8;

/// An occurrence's vote grows with its match: a long match has ruled out more than a short one.
float vote(const Occurrence & occurrence, int depth) {
    const float length = static_cast<float>(occurrence.length + depth) + 0.5f;
    return length * length * length;
}

bool goes_on(const Occurrence & occurrence, int depth) {
    return occurrence.next + depth < occurrence.end && occurrence.next[depth] > separator;
}

} // namespace

uint16_t OccurrenceGroups::group_of(Token token) {
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

void OccurrenceGroups::add(uint32_t index, const Occurrence & occurrence, int depth) {
    const uint16_t group = group_of(occurrence.next[depth]);
    members_.push_back({index, group});
    Group & g = groups_[group];
    ++g.count;
    g.votes += vote(occurrence, depth);
    if (occurrence.length > g.length) {
        g.length = occurrence.length;
        g.best = index;
    }
    g.nearest = std::min(g.nearest, occurrence.distance);
    g.off_alignment = std::min(g.off_alignment, static_cast<uint32_t>(std::abs(occurrence.off_alignment)));
    g.shortened_length = std::max(g.shortened_length, occurrence.shortened_length);
    g.shortened_count += occurrence.shortened_length > 0;
}

void OccurrenceGroups::total(std::span<const Occurrence> occurrences, int depth) {
    if (groups_.empty()) return;
    for (const Group & g : groups_) {
        totals_.count += g.count;
        totals_.votes += g.votes;
        totals_.second = std::max(totals_.second, std::min(totals_.top, g.length));
        totals_.top = std::max(totals_.top, g.length);
        totals_.nearest = std::min(totals_.nearest, g.nearest);
        totals_.shortened_count += g.shortened_count;
    }
    const int32_t longest = totals_.top + depth, min_length = longest - longest / 4 - depth;
    for (const Member & member : members_) {
        const bool near_top = occurrences[member.occurrence].length >= min_length;
        groups_[member.group].near_top += near_top;
        totals_.near_top += near_top;
    }
}

/// Most nodes have one occurrence, which needs no table and no copy of indices.
void OccurrenceGroups::gather_one(std::span<const Occurrence> occurrences, int depth,
                                  std::vector<uint32_t> & indices, uint32_t first) {
    const uint32_t index = indices[first];
    const Occurrence & occurrence = occurrences[index];
    if (!goes_on(occurrence, depth)) return;
    // The next cache line of a long copy.
    prefetch_memory(occurrence.next + std::min<ptrdiff_t>(depth + 16, occurrence.end - occurrence.next - 1));
    const float votes = vote(occurrence, depth);
    const uint32_t shortened_count = occurrence.shortened_length > 0;
    groups_.push_back({.token = occurrence.next[depth],
                       .first = first,
                       .count = 1,
                       .best = index,
                       .length = occurrence.length,
                       .votes = votes,
                       .nearest = occurrence.distance,
                       .off_alignment = static_cast<uint32_t>(std::abs(occurrence.off_alignment)),
                       .shortened_length = occurrence.shortened_length,
                       .shortened_count = shortened_count,
                       .near_top = 1});
    totals_ = {.count = 1,
               .votes = votes,
               .top = occurrence.length,
               .second = INT32_MIN,
               .near_top = 1,
               .nearest = occurrence.distance,
               .shortened_count = shortened_count};
}

void OccurrenceGroups::gather(std::span<const Occurrence> occurrences, int depth, uint32_t first,
                              uint32_t count, std::vector<uint32_t> & indices) {
    groups_.clear();
    totals_ = {};
    if (count == 1) return gather_one(occurrences, depth, indices, first);
    members_.clear();
    slots_.assign(count <= few ? 0 : std::bit_ceil(2 * count), none);
    for (uint32_t i = first; i < first + count; ++i) {
        const Occurrence & occurrence = occurrences[indices[i]];
        if (goes_on(occurrence, depth)) add(indices[i], occurrence, depth);
    }
    total(occurrences, depth);

    auto next = static_cast<uint32_t>(indices.size());
    indices.resize(next + totals_.count);
    for (Group & g : groups_) {
        g.first = next;
        next += g.count;
        g.count = 0;
    }
    for (const Member & member : members_) {
        Group & g = groups_[member.group];
        indices[g.first + g.count++] = member.occurrence;
    }
}

} // namespace reprise::draft
