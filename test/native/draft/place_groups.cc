#include "draft/place_groups.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <vector>

#include <doctest/doctest.h>

#include "random_text.h"

using namespace reprise::draft;

namespace {

constexpr int depth = 2;

/// Places anywhere in a text, some of which end before `depth`.
std::vector<Place> random_places(const Text & text, size_t count, Choices & choices) {
    std::vector<Place> places(count);
    for (Place & place : places) {
        const size_t next = choices.below(text.size() - 4);
        place.next = text.data() + next;
        place.end = place.next + choices.below(6);
        place.length = static_cast<int32_t>(choices.below(40)) - 1;
        place.distance = static_cast<uint32_t>(choices.below(100));
        place.shift = static_cast<int32_t>(choices.below(60)) - 30;
        place.skip = choices.below(3) == 0 ? static_cast<uint32_t>(choices.below(9)) : 0;
    }
    return places;
}

/// The places that go on at `depth`, by token, in their order.
std::map<Token, std::vector<uint32_t>> by_token(const std::vector<Place> & places, uint32_t first) {
    std::map<Token, std::vector<uint32_t>> groups;
    for (uint32_t i = first; i < places.size(); ++i)
        if (places[i].next + depth < places[i].end && places[i].next[depth] != separator)
            groups[places[i].next[depth]].push_back(i);
    return groups;
}

} // namespace

TEST_CASE("place groups: hold the places of each token, and what these have in common") {
    PlaceGroups all;
    for (unsigned seed = 0; seed < 300; ++seed) {
        CAPTURE(seed);
        Choices choices(seed);
        Text text(200);
        const size_t tokens = 1 + choices.below(60);
        for (Token & token : text) token = static_cast<Token>(choices.below(tokens)) - 1;
        const std::vector<Place> places = random_places(text, choices.below(90), choices);
        const auto first = static_cast<uint32_t>(places.size() / 3);
        std::vector<uint32_t> indices(places.size());
        for (uint32_t i = 0; i < indices.size(); ++i) indices[i] = i;
        all.gather(places, depth, first, static_cast<uint32_t>(places.size()) - first, indices);

        const auto expected = by_token(places, first);
        REQUIRE(all.groups().size() == expected.size());
        int32_t top = INT32_MIN;
        for (const auto & [token, members] : expected)
            for (const uint32_t i : members) top = std::max(top, places[i].length);
        const auto near_top = [&](uint32_t i) {
            return places[i].length + depth >= top + depth - (top + depth) / 4;
        };

        uint32_t count = 0, near = 0;
        for (const PlaceGroups::Group & group : all.groups()) {
            CAPTURE(group.token);
            REQUIRE(expected.contains(group.token));
            const std::vector<uint32_t> & members = expected.at(group.token);
            REQUIRE(std::vector(indices.begin() + group.first, indices.begin() + group.first + group.count) ==
                    members);
            const auto longest =
                *std::ranges::max_element(members, {}, [&](uint32_t i) { return places[i].length; });
            CHECK(group.best == longest);
            CHECK(group.length == places[longest].length);
            CHECK(group.nearest == places[*std::ranges::min_element(members, {}, [&](uint32_t i) {
                                       return places[i].distance;
                                   })].distance);
            uint32_t shift = UINT32_MAX, skip = 0, skips = 0;
            for (const uint32_t i : members) {
                shift = std::min(shift, static_cast<uint32_t>(std::abs(places[i].shift)));
                skip = std::max(skip, places[i].skip);
                skips += places[i].skip > 0;
            }
            CHECK(group.shift == shift);
            CHECK(group.skip == skip);
            CHECK(group.skips == skips);
            CHECK(group.near_top == std::ranges::count_if(members, near_top));
            count += group.count;
            near += group.near_top;
        }
        CHECK(all.totals().count == count);
        CHECK(all.totals().near_top == near);
        if (count > 0) CHECK(all.totals().top == top);
    }
}

TEST_CASE("place groups: come in the order in which their tokens are met") {
    const Text text{5, 3, 5, 4};
    std::vector<Place> places(4);
    std::vector<uint32_t> indices;
    for (uint32_t i = 0; i < 4; ++i) {
        places[i].next = text.data() + i;
        places[i].end = text.data() + 4;
        indices.push_back(i);
    }
    PlaceGroups all;
    all.gather(places, 0, 0, 4, indices);
    std::vector<Token> met;
    for (const PlaceGroups::Group & group : all.groups()) met.push_back(group.token);
    CHECK(met == std::vector<Token>{5, 3, 4});
}
