#include "draft/occurrence_groups.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <vector>

#include <doctest/doctest.h>

#include "random_text.h"

using namespace reprise::draft;

namespace {

constexpr int depth = 2;

/// Occurrences anywhere in a text, some of which end before `depth`.
std::vector<Occurrence> random_occurrences(const Text & text, size_t count, Choices & choices) {
    std::vector<Occurrence> occurrences(count);
    for (Occurrence & occurrence : occurrences) {
        const size_t next = choices.below(text.size() - 4);
        occurrence.next = text.data() + next;
        occurrence.end = occurrence.next + choices.below(6);
        occurrence.length = static_cast<int32_t>(choices.below(40)) - 1;
        occurrence.distance = static_cast<uint32_t>(choices.below(100));
        occurrence.off_alignment = static_cast<int32_t>(choices.below(60)) - 30;
        occurrence.shortened_length = choices.below(3) == 0 ? static_cast<uint32_t>(choices.below(9)) : 0;
    }
    return occurrences;
}

/// The occurrences that go on at `depth`, by token, in their order.
std::map<Token, std::vector<uint32_t>> by_token(const std::vector<Occurrence> & occurrences, uint32_t first) {
    std::map<Token, std::vector<uint32_t>> groups;
    for (uint32_t i = first; i < occurrences.size(); ++i)
        if (occurrences[i].next + depth < occurrences[i].end && occurrences[i].next[depth] != separator)
            groups[occurrences[i].next[depth]].push_back(i);
    return groups;
}

} // namespace

TEST_CASE("occurrence groups: hold the occurrences of each token, and what these have in common") {
    OccurrenceGroups all;
    for (unsigned seed = 0; seed < 300; ++seed) {
        CAPTURE(seed);
        Choices choices(seed);
        Text text(200);
        const size_t tokens = 1 + choices.below(60);
        for (Token & token : text) token = static_cast<Token>(choices.below(tokens)) - 1;
        const std::vector<Occurrence> occurrences = random_occurrences(text, choices.below(90), choices);
        const auto first = static_cast<uint32_t>(occurrences.size() / 3);
        std::vector<uint32_t> indices(occurrences.size());
        for (uint32_t i = 0; i < indices.size(); ++i) indices[i] = i;
        all.gather(occurrences, depth, first, static_cast<uint32_t>(occurrences.size()) - first, indices);

        const auto expected = by_token(occurrences, first);
        REQUIRE(all.groups().size() == expected.size());
        int32_t top = INT32_MIN;
        for (const auto & [token, members] : expected)
            for (const uint32_t i : members) top = std::max(top, occurrences[i].length);
        const auto near_top = [&](uint32_t i) {
            return occurrences[i].length + depth >= top + depth - (top + depth) / 4;
        };

        uint32_t count = 0, near = 0;
        for (const OccurrenceGroups::Group & group : all.groups()) {
            CAPTURE(group.token);
            REQUIRE(expected.contains(group.token));
            const std::vector<uint32_t> & members = expected.at(group.token);
            REQUIRE(std::vector(indices.begin() + group.first, indices.begin() + group.first + group.count) ==
                    members);
            const auto longest =
                *std::ranges::max_element(members, {}, [&](uint32_t i) { return occurrences[i].length; });
            CHECK(group.best == longest);
            CHECK(group.length == occurrences[longest].length);
            CHECK(group.nearest == occurrences[*std::ranges::min_element(members, {}, [&](uint32_t i) {
                                       return occurrences[i].distance;
                                   })].distance);
            uint32_t off_alignment = UINT32_MAX, shortened_length = 0, shortened_count = 0;
            for (const uint32_t i : members) {
                off_alignment =
                    std::min(off_alignment, static_cast<uint32_t>(std::abs(occurrences[i].off_alignment)));
                shortened_length = std::max(shortened_length, occurrences[i].shortened_length);
                shortened_count += occurrences[i].shortened_length > 0;
            }
            CHECK(group.off_alignment == off_alignment);
            CHECK(group.shortened_length == shortened_length);
            CHECK(group.shortened_count == shortened_count);
            CHECK(group.near_top == std::ranges::count_if(members, near_top));
            count += group.count;
            near += group.near_top;
        }
        CHECK(all.totals().count == count);
        CHECK(all.totals().near_top == near);
        if (count > 0) CHECK(all.totals().top == top);
    }
}

TEST_CASE("occurrence groups: come in the order in which their tokens are met") {
    const Text text{5, 3, 5, 4};
    std::vector<Occurrence> occurrences(4);
    std::vector<uint32_t> indices;
    for (uint32_t i = 0; i < 4; ++i) {
        occurrences[i].next = text.data() + i;
        occurrences[i].end = text.data() + 4;
        indices.push_back(i);
    }
    OccurrenceGroups all;
    all.gather(occurrences, 0, 0, 4, indices);
    std::vector<Token> met;
    for (const OccurrenceGroups::Group & group : all.groups()) met.push_back(group.token);
    CHECK(met == std::vector<Token>{5, 3, 4});
}
