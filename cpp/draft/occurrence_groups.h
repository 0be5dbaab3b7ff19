#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "draft/draft_text.h"

namespace reprise::draft {

/// The occurrences of one node of the draft tree, grouped by the token that they go on with. The groups come
/// in the order in which their tokens are met.
class OccurrenceGroups {
public:
    struct Group {
        Token token;
        /// The group's occurrences are `indices[first]` … `indices[first + count - 1]`.
        uint32_t first = 0, count = 0;
        uint32_t best = 0;             ///< The occurrence with the longest match; of equals, the first.
        int32_t length = INT32_MIN;    ///< How long that match is before the root.
        float votes = 0;               ///< The sum of the occurrences' votes.
        uint32_t nearest = UINT32_MAX; ///< The least distance of an occurrence to the end of its text.
        /// How far the occurrence that is nearest to the alignment is off it.
        uint32_t off_alignment = UINT32_MAX;
        uint32_t shortened_length = 0; ///< The longest match without the text's last token, which differs.
        uint32_t shortened_count = 0;  ///< How many occurrences match so.
        uint32_t near_top = 0; ///< How many occurrences match nearly as long as the best of all groups.
    };
    /// The same over all groups.
    struct Totals {
        uint32_t count = 0;
        float votes = 0;
        int32_t top = INT32_MIN;    ///< The longest match of the best group.
        int32_t second = INT32_MIN; ///< The longest match of the second best group.
        uint32_t near_top = 0;
        uint32_t nearest = UINT32_MAX;
        uint32_t shortened_count = 0;
    };

    /// Groups those of the `count` occurrences from `indices[first]` on that go on at `depth` (0: the root),
    /// and appends their indices, group by group.
    void gather(std::span<const Occurrence> occurrences, int depth, uint32_t first, uint32_t count,
                std::vector<uint32_t> & indices);

    std::span<const Group> groups() const { return groups_; }
    const Totals & totals() const { return totals_; }

private:
    struct Member {
        uint32_t occurrence;
        uint16_t group;
    };

    void gather_one(std::span<const Occurrence> occurrences, int depth, std::vector<uint32_t> & indices,
                    uint32_t first);
    uint16_t group_of(Token token);
    void add(uint32_t index, const Occurrence & occurrence, int depth);
    void total(std::span<const Occurrence> occurrences, int depth);

    std::vector<Group> groups_;
    std::vector<Member> members_;
    /// A hash table of the groups by token, with open addressing. It is empty where only a few groups can
    /// come.
    std::vector<uint16_t> slots_;
    Totals totals_;
};

} // namespace reprise::draft
