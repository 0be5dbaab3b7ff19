#include "draft/suffix_index.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <doctest/doctest.h>

#include "draft/suffix_search.h"
#include "random_text.h"

using namespace reprise::draft;

namespace {

using Match = SuffixIndex::Match;

/// Whether the last `count` tokens repeat `period` of them over and over.
bool repeats(const Text & text, size_t period, size_t count) {
    for (size_t i = text.size() - count + period; i < text.size(); ++i)
        if (text[i] != text[i - period]) return false;
    return true;
}

/// The longest suffix of the text that also ends at one of the places that are left, and the latest such
/// place; of a suffix that repeats itself, the earliest that lies whole periods before it. The last
/// `key_length` evicted tokens still count.
Match longest_match(const Text & text, size_t evicted) {
    const size_t begin = evicted - std::min<size_t>(evicted, SuffixIndex::key_length);
    const auto length_at = [&](size_t end) {
        return static_cast<uint32_t>(std::min<size_t>(agreement(text, text, end), end - begin));
    };
    Match best;
    for (size_t end = evicted + 1; end < text.size(); ++end) {
        const uint32_t length = length_at(end);
        if (length > 0 && length >= best.length) best = {length, static_cast<uint32_t>(end - evicted)};
    }
    if (best.length < SuffixIndex::key_length) return best;
    uint32_t period = 1;
    while (period <= SuffixIndex::longest_period && !repeats(text, period, SuffixIndex::key_length)) ++period;
    if (period > SuffixIndex::longest_period || !repeats(text, period, best.length)) return best;
    while (best.end > period && length_at(evicted + best.end - period) >= best.length) best.end -= period;
    return best;
}

/// An index and its text, changed alike.
struct Indexed {
    SuffixIndex index;
    Text text; // with what was evicted
    size_t evicted = 0;

    size_t length() const { return text.size() - evicted; }
    void append(const Text & passage, bool at_once) {
        if (at_once)
            index.append(passage);
        else
            for (const Token token : passage) index.append(token);
        text.insert(text.end(), passage.begin(), passage.end());
    }
    void truncate(size_t length) {
        index.truncate(length);
        text.resize(evicted + length);
    }
    void evict(size_t count) {
        index.evict(count);
        evicted += count;
    }
    void check() const {
        REQUIRE(index.check_integrity() == "");
        REQUIRE(std::ranges::equal(index.text(), std::span(text).subspan(evicted)));
        const Match expected = longest_match(text, evicted), match = index.longest_match();
        CHECK(match.length == expected.length);
        if (match.length > 0) CHECK(match.end == expected.end);
    }
};

} // namespace

TEST_CASE("suffix index: knows its text's matches after any appends, roll-backs and evictions") {
    for (unsigned seed = 0; seed < 150; ++seed) {
        CAPTURE(seed);
        Choices choices(seed);
        Indexed indexed;
        for (int i = 0; i < 20; ++i) {
            switch (choices.below(6)) {
            case 0:
                indexed.truncate(choices.below(indexed.length() + 1));
                break;
            case 1:
                indexed.evict(choices.below(indexed.length() + 1));
                break;
            default:
                indexed.append(choices.below(4) == 0 ? choices.stretch(120)
                                                     : choices.passage(indexed.text, 60),
                               choices.below(2) == 0);
            }
            indexed.check();
        }
    }
}

TEST_CASE("suffix index: a sliding window of a long text, as it gives memory back") {
    for (unsigned seed = 0; seed < 3; ++seed) {
        CAPTURE(seed);
        Choices choices(seed);
        Indexed indexed;
        constexpr size_t window = 700;
        size_t max_bytes = 0;
        while (indexed.text.size() < 12'000) {
            indexed.append(choices.passage(indexed.text, 200), choices.below(2) == 0);
            if (choices.below(4) == 0)
                indexed.truncate(indexed.length() - choices.below(indexed.length() / 4));
            if (indexed.length() > window) indexed.evict(indexed.length() - window);
            if (choices.below(4) == 0) indexed.check();
            max_bytes = std::max(max_bytes, indexed.index.bytes());
        }
        CHECK(max_bytes < 40 * 4 * window + 20'000);
    }
}

TEST_CASE("suffix index: a passage at once is as its tokens one by one") {
    Choices choices(1);
    Text text;
    while (text.size() < 5000) {
        const Text passage = choices.passage(text, 400);
        text.insert(text.end(), passage.begin(), passage.end());
    }
    SuffixIndex at_once, one_by_one;
    at_once.append(text);
    for (const Token token : text) one_by_one.append(token);
    CHECK(at_once.check_integrity() == "");
    CHECK(one_by_one.check_integrity() == "");
    CHECK(at_once.longest_match().length == one_by_one.longest_match().length);
    CHECK(at_once.longest_match().end == one_by_one.longest_match().end);
}

TEST_CASE("suffix index: made of damaged parts it is refused, or at least leads no walk astray") {
    int refused = 0, taken = 0;
    for (unsigned seed = 0; seed < 2000; ++seed) {
        CAPTURE(seed);
        Choices choices(seed);
        SuffixIndex whole;
        Text text;
        while (text.size() < 60) {
            const Text passage = choices.passage(text, 30);
            text.insert(text.end(), passage.begin(), passage.end());
        }
        whole.append(text);
        SuffixIndex::Parts parts = whole.parts();
        std::vector<SuffixIndex::Node> nodes(parts.nodes.begin(), parts.nodes.end());
        auto * const bytes = reinterpret_cast<uint8_t *>(nodes.data());
        for (size_t i = choices.below(3); i > 0; --i)
            bytes[choices.below(nodes.size() * sizeof nodes[0])] = static_cast<uint8_t>(choices.below(70));
        if (choices.below(3) == 0)
            text[choices.below(text.size())] = static_cast<Token>(choices.below(5)) - 1;
        if (choices.below(3) == 0) parts.roots[choices.below(parts.roots.size())].place = choices.below(70);
        parts.text = text;
        parts.nodes = nodes;
        try {
            SuffixIndex index = SuffixIndex::from_parts(parts, std::make_shared<int>(), 4);
            ++taken;
            const auto search = [&index](std::span<const Token> context) {
                SuffixSearch search;
                search.start(index, context, 16);
                search.run();
            };
            search(index.text());
            search(choices.passage(text, 40));
            index.append(choices.passage(text, 40));
            search(index.text());
            index.truncate(choices.below(60));
            index.evict(choices.below(60));
            for (int i = 0; i < 20; ++i) index.append(static_cast<Token>(choices.below(3)));
        } catch (const std::invalid_argument &) {
            ++refused;
        }
    }
    CHECK(refused > 500);
    CHECK(taken > 100);
}

TEST_CASE("suffix index: a passage said a thousand times is found where it was said last") {
    Choices choices(7);
    Indexed indexed;
    Text passage(60);
    std::iota(passage.begin(), passage.end(), 100);
    for (int i = 0; i < 1000; ++i) {
        indexed.append({static_cast<Token>(choices.below(90))}, true);
        indexed.append(passage, i % 2 == 0);
    }
    indexed.check();
    SuffixSearch search;
    search.start(indexed.index, std::span(passage).first(55), 4);
    search.run();
    const auto found = search.matches();
    REQUIRE(found.size() >= 4);
    for (int i = 0; i < 4; ++i) CHECK(found[i].end == indexed.text.size() - 5 - 61 * i);
}
