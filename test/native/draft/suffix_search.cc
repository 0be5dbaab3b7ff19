#include "draft/suffix_search.h"

#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

#include "random_text.h"

using namespace reprise::draft;

namespace {

using Match = SuffixIndex::Match;

/// The levels of match lengths: the least of each.
constexpr uint32_t levels[] = {32, 16, 8, 4, 3, 2, 1};

/// What a search finds in a text so short that it does not end early.
std::vector<Match> expected(const Text & context, const Text & text, size_t evicted, int per_level,
                            bool own_end) {
    std::vector<Match> places;
    uint32_t longer = SuffixIndex::key_length + 1;
    for (const uint32_t level : levels) {
        int of_level = 0;
        for (size_t end = text.size() - own_end; end > evicted && of_level < per_level; --end) {
            const uint32_t length =
                std::min<uint32_t>(agreement(context, text, end), SuffixIndex::key_length);
            if (length < level || length >= longer) continue;
            places.push_back({length, static_cast<uint32_t>(end - evicted)});
            ++of_level;
        }
        longer = level;
    }
    std::ranges::sort(places, [](const Match & a, const Match & b) { return a.end > b.end; });
    return places;
}

void check_same(std::span<const Match> found, const std::vector<Match> & expected) {
    REQUIRE(found.size() == expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i].length == expected[i].length);
        CHECK(found[i].end == expected[i].end);
    }
}

/// A text of 100 to 120 tokens, some of them evicted, and a context to look for.
struct Sample {
    SuffixIndex index;
    Text text, context;
    size_t evicted = 0;

    explicit Sample(Choices & choices) {
        while (text.size() < 100) {
            const Text passage = choices.passage(text, 20);
            text.insert(text.end(), passage.begin(), passage.end());
        }
        index.append(text);
        if (choices.below(2) == 0) evicted = choices.below(100);
        index.evict(evicted);
        context = choices.passage(text, 40);
    }
};

/// Calls `check(sample, choices)` for so many seeds.
template <typename Check> void each_sample(unsigned seeds, Check check) {
    for (unsigned seed = 0; seed < seeds; ++seed) {
        CAPTURE(seed);
        Choices choices(seed);
        check(Sample(choices), choices);
    }
}

} // namespace

TEST_CASE("suffix search: finds the latest places of each level of match lengths") {
    SuffixSearch search;
    each_sample(300, [&](const Sample & sample, Choices &) {
        search.start(sample.index, sample.index.text(), 16);
        search.run();
        check_same(search.matches(), expected(sample.text, sample.text, sample.evicted, 16, true));

        search.start(sample.index, sample.context, 16);
        search.run();
        check_same(search.matches(), expected(sample.context, sample.text, sample.evicted, 16, false));
    });
}

TEST_CASE("suffix search: an exact one finds the latest places of every level, however many are in the way") {
    SuffixSearch search;
    int places = 0, missed = 0;
    for (unsigned seed = 0; seed < 400; ++seed) {
        CAPTURE(seed);
        Choices choices(seed);
        SuffixIndex index;
        Text text;
        size_t evicted = 0;
        for (int i = 0; i < 12; ++i) {
            const size_t length = text.size() - evicted;
            if (choices.below(6) == 0) {
                text.resize(evicted + choices.below(length + 1));
                index.truncate(text.size() - evicted);
            } else if (choices.below(6) == 0) {
                const size_t count = choices.below(length + 1);
                index.evict(count);
                evicted += count;
            } else {
                const Text passage =
                    choices.below(4) == 0 ? choices.stretch(150) : choices.passage(text, 150);
                index.append(passage);
                text.insert(text.end(), passage.begin(), passage.end());
            }
            const int per_level = 1 + static_cast<int>(choices.below(12));
            // As in a conversation, and as in a document.
            search.start(index, index.text(), per_level, SearchEffort::exact);
            search.run();
            if (text.size() > evicted)
                check_same(search.matches(), expected(text, text, evicted, per_level, true));
            else
                CHECK(search.matches().empty());

            const Text context = choices.passage(text, 40);
            const std::vector<Match> all = expected(context, text, evicted, per_level, false);
            search.start(index, context, per_level, SearchEffort::exact);
            search.run();
            check_same(search.matches(), all);
            search.start(index, context, per_level);
            search.run();
            places += static_cast<int>(all.size());
            missed += static_cast<int>(all.size() - std::min(all.size(), search.matches().size()));
        }
    }
    // Otherwise the texts are so easy that a bounded search finds all of it, too.
    CHECK(missed > places / 100);
}

TEST_CASE("suffix search: finds the latest place of the highest level however few are wanted") {
    SuffixSearch search;
    each_sample(300, [&](const Sample & sample, Choices &) {
        const auto first_of_each = expected(sample.context, sample.text, sample.evicted, 1, false);
        if (first_of_each.empty()) return;
        const Match highest = *std::ranges::max_element(first_of_each, {}, &Match::length);
        for (const int per_level : {1, 2, 5}) {
            search.start(sample.index, sample.context, per_level);
            search.run();
            CHECK(std::ranges::count(search.matches(), highest.end, &Match::end) == 1);
        }
    });
}

TEST_CASE("suffix search: whatever it finds agrees as far as it says, however few are wanted") {
    SuffixSearch search;
    each_sample(300, [&](const Sample & sample, Choices & choices) {
        search.start(sample.index, sample.context, 1 + static_cast<int>(choices.below(4)));
        search.run();
        for (const Match & match : search.matches())
            CHECK(match.length ==
                  std::min<uint32_t>(agreement(sample.context, sample.text, match.end + sample.evicted),
                                     SuffixIndex::key_length));
    });
}

TEST_CASE("suffix search: several at once find what each finds alone") {
    each_sample(100, [&](const Sample & sample, Choices &) {
        SuffixSearch own, other, alone;
        own.start(sample.index, sample.index.text(), 4);
        other.start(sample.index, sample.context, 2);
        for (bool going_on = true; going_on;) {
            going_on = own.step();
            going_on |= other.step();
        }
        alone.start(sample.index, sample.index.text(), 4);
        alone.run();
        check_same(own.matches(), {alone.matches().begin(), alone.matches().end()});
        alone.start(sample.index, sample.context, 2);
        alone.run();
        check_same(other.matches(), {alone.matches().begin(), alone.matches().end()});
    });
}

TEST_CASE("suffix search: finds nothing in an empty text, and nothing for an empty context") {
    SuffixIndex index;
    SuffixSearch search;
    search.start(index, index.text(), 8);
    CHECK_FALSE(search.step());
    index.append(Text{1, 2, 1});
    search.start(index, {}, 8);
    CHECK_FALSE(search.step());
    CHECK(search.matches().empty());
}
