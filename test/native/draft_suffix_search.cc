#include <doctest/doctest.h>

#include "draft/suffix_search.h"
#include "random_text.h"

#include <algorithm>
#include <vector>

using namespace reprise::draft;

namespace {

using Match = SuffixIndex::Match;

/// The levels of match lengths: the least of each.
constexpr uint32_t levels[] = {32, 16, 8, 4, 3, 2, 1};

/// What a search finds in a text so short that it is not cut off, and the longest match left out.
struct Expected {
    std::vector<Match> places;
    uint32_t longest_left_out = 0;
};
Expected expected(const Text & context, const Text & text, size_t evicted, int per_level, bool own_end) {
    Expected expected;
    uint32_t longer = SuffixIndex::key_length + 1;
    for (const uint32_t level : levels) {
        int of_level = 0;
        for (size_t end = text.size() - own_end; end > evicted; --end) {
            const uint32_t length =
                std::min<uint32_t>(agreement(context, text, end), SuffixIndex::key_length);
            if (length < level || length >= longer) continue;
            if (++of_level <= per_level)
                expected.places.push_back({length, static_cast<uint32_t>(end - evicted)});
            else
                expected.longest_left_out = std::max(expected.longest_left_out, length);
        }
        longer = level;
    }
    std::ranges::sort(expected.places, [](const Match & a, const Match & b) { return a.end > b.end; });
    return expected;
}

void check_same(std::span<const Match> found, const std::vector<Match> & expected) {
    REQUIRE(found.size() == expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i].length == expected[i].length);
        CHECK(found[i].end == expected[i].end);
    }
}

/// A text of 100 to 120 tokens, some of them evicted.
struct Sample {
    SuffixIndex index;
    Text text;
    size_t evicted = 0;

    explicit Sample(Choices & choices) {
        while (text.size() < 100) {
            const Text passage = choices.passage(text, 20);
            text.insert(text.end(), passage.begin(), passage.end());
        }
        index.append(text);
        if (choices.below(2) == 0) evicted = choices.below(100);
        index.evict(evicted);
    }
};

} // namespace

TEST_CASE("suffix search: finds the latest places of each level of match lengths") {
    SuffixSearch search;
    for (unsigned seed = 0; seed < 300; ++seed) {
        CAPTURE(seed);
        Choices choices(seed);
        const Sample sample(choices);
        search.start(sample.index, sample.index.text(), 16);
        search.run();
        check_same(search.places(), expected(sample.text, sample.text, sample.evicted, 16, true).places);

        const Text context = choices.passage(sample.text, 40);
        search.start(sample.index, context, 16);
        search.run();
        check_same(search.places(), expected(context, sample.text, sample.evicted, 16, false).places);
    }
}

TEST_CASE("suffix search: no place left out agrees further than it says") {
    SuffixSearch search;
    int cut = 0;
    for (unsigned seed = 0; seed < 300; ++seed) {
        CAPTURE(seed);
        Choices choices(seed);
        const Sample sample(choices);
        const Text context = choices.passage(sample.text, 40);
        for (const int per_level : {1, 2, 5}) {
            search.start(sample.index, context, per_level);
            search.run();
            const auto left_out =
                expected(context, sample.text, sample.evicted, per_level, false).longest_left_out;
            CHECK(search.longest_cut() >= static_cast<int32_t>(left_out));
            cut += left_out > 0;
        }
    }
    CHECK(cut > 100);
}

TEST_CASE("suffix search: a longest match leaves out the levels above its own") {
    SuffixSearch search;
    for (unsigned seed = 0; seed < 300; ++seed) {
        CAPTURE(seed);
        Choices choices(seed);
        const Sample sample(choices);
        const Text context = choices.passage(sample.text, 40);
        auto wanted = expected(context, sample.text, sample.evicted, 16, false).places;
        std::erase_if(wanted, [](const Match & match) { return match.length > 7; });
        search.start(sample.index, context, 16, 5);
        search.run();
        check_same(search.places(), wanted);
    }
}

TEST_CASE("suffix search: several at once find what each finds alone") {
    for (unsigned seed = 0; seed < 100; ++seed) {
        CAPTURE(seed);
        Choices choices(seed);
        const Sample sample(choices);
        const Text context = choices.passage(sample.text, 40);
        SuffixSearch own, other, alone;
        own.start(sample.index, sample.index.text(), 4);
        other.start(sample.index, context, 2);
        for (bool going_on = true; going_on;) {
            going_on = own.step();
            going_on |= other.step();
        }
        alone.start(sample.index, sample.index.text(), 4);
        alone.run();
        check_same(own.places(), {alone.places().begin(), alone.places().end()});
        alone.start(sample.index, context, 2);
        alone.run();
        check_same(other.places(), {alone.places().begin(), alone.places().end()});
    }
}

TEST_CASE("suffix search: finds nothing in an empty text, and nothing for an empty context") {
    SuffixIndex index;
    SuffixSearch search;
    search.start(index, index.text(), 8);
    CHECK_FALSE(search.step());
    index.append(Text{1, 2, 1});
    search.start(index, {}, 8);
    CHECK_FALSE(search.step());
    CHECK(search.places().empty());
    CHECK(search.longest_cut() == 0);
}
