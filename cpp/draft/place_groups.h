#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "draft/transcript.h"

namespace reprise::draft {

/// The places of one node of the draft tree by the token they go on with, in
/// the order in which these tokens are met.
class PlaceGroups {
public:
    struct Group {
        Token token;
        uint32_t first = 0, count = 0; ///< Its places, among the indices.
        uint32_t best = 0;             ///< The place of the longest match, of equals the first,
        int32_t length = INT32_MIN;    ///< and that match.
        float votes = 0;
        uint32_t nearest = UINT32_MAX; ///< Least distance,
        uint32_t shift = UINT32_MAX;   ///< and least shift to either side.
        uint32_t skip = 0;             ///< Longest match before a last token that differs,
        uint32_t skips = 0;            ///< and places that have one.
        uint32_t near_top = 0;         ///< Places nearly as good as the best of all groups.
    };
    struct Totals {
        uint32_t count = 0;
        float votes = 0;
        int32_t top = INT32_MIN, second = INT32_MIN; ///< The two best groups' matches.
        uint32_t near_top = 0;                       ///< Places nearly as good as the best.
        uint32_t nearest = UINT32_MAX;
        uint32_t skips = 0;
    };

    /// Groups those of the places `indices[first]` to `indices[first + count - 1]`
    /// that go on at `depth` (0: the root), and appends their indices, group by group.
    void gather(std::span<const Place> places, int depth, uint32_t first, uint32_t count,
                std::vector<uint32_t> & indices);

    std::span<const Group> groups() const { return groups_; }
    const Totals & totals() const { return totals_; }

private:
    struct Member {
        uint32_t place;
        uint16_t group;
    };

    void gather_one(std::span<const Place> places, int depth, std::vector<uint32_t> & indices,
                    uint32_t first);
    uint16_t group_of(Token token);
    void add(uint32_t index, const Place & place, int depth);
    void total(std::span<const Place> places, int depth);

    std::vector<Group> groups_;
    std::vector<Member> members_;
    std::vector<uint16_t> slots_; ///< Groups by token, open addressing; empty where few are to come.
    Totals totals_;
};

} // namespace reprise::draft
