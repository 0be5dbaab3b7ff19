#include <algorithm>
#include <bit>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include "device/segment_walk.h"
#include "device/text_twin.h"
#include "draft/suffix_search.h"
#include "random_text.h"

using namespace reprise::draft;
using reprise::device::TextTwin;

namespace {

/// What a search has to find, by looking at every place.
std::vector<Match> by_brute_force(const Text & context, const Text & text, size_t evicted, int per_level) {
    std::vector<Match> places;
    int found[reprise::device::matching::levels] = {};
    const size_t kept = context.size() - std::min<size_t>(context.size(), SuffixIndex::key_length);
    const Text last(context.begin() + static_cast<std::ptrdiff_t>(kept), context.end());
    for (size_t end = text.size(); end > evicted; --end) {
        const uint32_t length = agreement(last, text, end);
        if (length == 0) continue;
        const int level = length < 4 ? static_cast<int>(length) - 1 : std::bit_width(length);
        if (found[level]++ < per_level) places.push_back({length, static_cast<uint32_t>(end - evicted)});
    }
    return places;
}

bool same(std::span<const Match> a, std::span<const Match> b) {
    return std::ranges::equal(
        a, b, [](const Match & x, const Match & y) { return x.length == y.length && x.end == y.end; });
}

std::vector<std::vector<Match>> search(const TextTwin & twin, const std::vector<Text> & contexts,
                                       int per_level) {
    std::vector<MatchContext> asked;
    for (const Text & context : contexts) asked.push_back({context.data(), context.size()});
    std::vector<std::vector<Match>> found(contexts.size());
    twin.search(asked.data(), asked.size(), per_level, found.data());
    return found;
}

/// A text in an index and in a twin.
struct Both {
    SuffixIndex index;
    TextTwin twin;
    Text text; // with what was evicted
    size_t evicted = 0;

    explicit Both(int32_t blocks = 8, size_t fewest_together = 2) : twin(blocks, fewest_together) {}
    size_t length() const { return text.size() - evicted; }
    void append(const Text & passage) {
        index.append(passage);
        twin.append(passage.data(), passage.size());
        text.insert(text.end(), passage.begin(), passage.end());
    }
    void truncate(size_t length) {
        index.truncate(length);
        twin.truncate(length);
        text.resize(evicted + length);
    }
    void evict(size_t count) {
        index.evict(count);
        twin.evict(count);
        evicted += count;
    }
    /// Whether the twin finds for each context what the index finds.
    bool agree(const std::vector<Text> & contexts, int per_level) const {
        const auto found = search(twin, contexts, per_level);
        SuffixSearch exact;
        for (size_t i = 0; i < contexts.size(); ++i) {
            exact.start(index, contexts[i], per_level, SearchEffort::exact);
            exact.run();
            if (!same(found[i], exact.matches())) return false;
        }
        return true;
    }
};

/// Words of Zipf's frequencies, and quotations of what was said.
Text prose(Choices & choices, size_t length, size_t vocabulary) {
    Text text;
    while (text.size() < length) {
        const size_t count = std::min(length - text.size(), 1 + choices.below(60));
        if (text.size() > count && choices.below(3) == 0) {
            const size_t from = choices.below(text.size() - count);
            for (size_t i = 0; i < count; ++i) text.push_back(text[from + i]);
            continue;
        }
        for (size_t i = 0; i < count; ++i)
            text.push_back(static_cast<Token>(choices.below(1 + choices.below(vocabulary))));
    }
    return text;
}

/// What a conversation may end with: a quotation of the text, a token of its own at times after it.
Text quotation(Choices & choices, const Text & text, size_t longest) {
    if (text.empty()) return {0};
    const size_t length = std::min(text.size(), 1 + choices.below(longest));
    const auto from = static_cast<std::ptrdiff_t>(choices.below(text.size() - length + 1));
    Text context(text.begin() + from, text.begin() + from + static_cast<std::ptrdiff_t>(length));
    if (choices.below(3) == 0) context.insert(context.begin() + choices.below(context.size()), 3);
    return context;
}

} // namespace

TEST_CASE("matching on a device: the twin finds what looking at every place finds, 100,000 times") {
    int searches = 0;
    for (unsigned seed = 0; searches < 100'000; ++seed) {
        CAPTURE(seed);
        Choices choices(seed);
        TextTwin twin(1 + static_cast<int32_t>(choices.below(3)), 1 + choices.below(12));
        Text text;
        size_t evicted = 0;
        for (int i = 0; i < 8; ++i) {
            const size_t length = text.size() - evicted;
            if (choices.below(6) == 0) {
                text.resize(evicted + choices.below(length + 1));
                twin.truncate(text.size() - evicted);
            } else if (choices.below(6) == 0) {
                const size_t count = choices.below(length + 1);
                twin.evict(count);
                evicted += count;
            } else {
                const Text passage = choices.below(4) == 0 ? choices.stretch(90) : choices.passage(text, 90);
                twin.append(passage.data(), passage.size());
                text.insert(text.end(), passage.begin(), passage.end());
            }
            const int per_level = 1 + static_cast<int>(choices.below(DeviceText::max_per_level));
            std::vector<Text> contexts;
            for (size_t k = 1 + choices.below(12); k > 0; --k)
                contexts.push_back(choices.below(8) == 0 ? Text() : choices.passage(text, 60));
            const auto found = search(twin, contexts, per_level);
            for (size_t k = 0; k < contexts.size(); ++k)
                REQUIRE(same(found[k], by_brute_force(contexts[k], text, evicted, per_level)));
            searches += static_cast<int>(contexts.size());
        }
    }
}

TEST_CASE("matching on a device: the twin finds what an exact search of an index finds, as texts change") {
    int searches = 0;
    for (unsigned seed = 0; searches < 9'600; ++seed) {
        CAPTURE(seed);
        Choices choices(seed);
        Both both(1 + static_cast<int32_t>(choices.below(9)));
        const size_t vocabulary = 2 + choices.below(400);
        for (int i = 0; i < 6; ++i) {
            switch (choices.below(4)) {
            case 0:
                both.truncate(both.length() - choices.below(both.length() / 2 + 1));
                break;
            case 1:
                both.evict(choices.below(both.length() + 1) * 2 / 3);
                break;
            default:
                both.append(prose(choices, 1 + choices.below(12'000), vocabulary));
            }
            std::vector<Text> contexts;
            for (size_t k = 1 + choices.below(70); k > 0; --k)
                contexts.push_back(quotation(choices, both.text, 80));
            REQUIRE(both.agree(contexts, 12));
            searches += static_cast<int>(contexts.size());
        }
    }
}

TEST_CASE("matching on a device: a text of 1.3 million tokens, as it loses and gains some") {
    Choices choices(5);
    // More segments than lanes: each lane merges several.
    Both both(1000);
    both.append(prose(choices, 1'300'000, 5'000));
    int searches = 0;
    for (int i = 0; i < 16; ++i) {
        if (i % 4 == 1) both.truncate(both.length() - choices.below(60'000));
        if (i % 4 == 2) both.evict(choices.below(60'000));
        if (i % 4 == 3) both.append(prose(choices, choices.below(60'000), 5'000));
        std::vector<Text> contexts;
        for (int k = 0; k < (i % 2 == 0 ? 64 : 3); ++k) contexts.push_back(quotation(choices, both.text, 80));
        REQUIRE(both.agree(contexts, 12));
        searches += static_cast<int>(contexts.size());
    }
    CHECK(searches > 500);
}

TEST_CASE("matching on a device: a last token at every place, and the same one of 64 contexts") {
    for (const size_t period : {1, 2, 7, 40}) {
        CAPTURE(period);
        Choices choices(static_cast<unsigned>(period));
        Both both(3);
        Text stretch(20'000);
        for (size_t i = 0; i < stretch.size(); ++i) stretch[i] = static_cast<Token>(i % period == 0);
        both.append(stretch);
        both.append(prose(choices, 9'000, 3));
        both.append(stretch);
        std::vector<Text> contexts;
        for (int k = 0; k < 64; ++k) {
            Text context = quotation(choices, both.text, 70);
            context.push_back(static_cast<Token>(k % 8 == 0));
            contexts.push_back(context);
        }
        CHECK(both.agree(contexts, 12));
        CHECK(both.agree({contexts[0]}, 16));
        CHECK(both.agree({contexts[1], contexts[8]}, 1));
    }
}

TEST_CASE("matching on a device: last tokens that all belong at the last place of the table") {
    namespace walk = reprise::device::matching;
    Text tokens, others;
    for (Token token = 0; tokens.size() < 100 || others.size() < 20; ++token) {
        const uint32_t hash = walk::hash_of(token);
        if (hash >> (walk::hash_bits - walk::table_bits) == walk::table_size - 1)
            tokens.push_back(token);
        else if (hash >> (walk::hash_bits - walk::table_bits) == 5) // where the others push each other to
            others.push_back(token);
    }
    tokens.insert(tokens.end(), others.begin(), others.end());
    Choices choices(3);
    Both both(2);
    Text text(30'000);
    for (Token & token : text) token = tokens[choices.below(tokens.size())];
    both.append(text);
    std::vector<Text> contexts;
    for (int k = 0; k < 64; ++k) {
        Text context = quotation(choices, text, 40);
        context.push_back(tokens[2 * k % tokens.size()]);
        contexts.push_back(context);
    }
    CHECK(both.agree(contexts, 12));
    CHECK(both.agree(contexts, 16));
}

TEST_CASE("matching on a device: contexts longer than the text, separators, and more than a walk serves") {
    Both both;
    both.append({5, 6, 7, separator, 5, 6, 7});
    std::vector<Text> contexts{{1, 2, 3, 5, 6, 7, separator, 5, 6, 7}, {separator}, {7, separator}, {9}, {}};
    CHECK(both.agree(contexts, 4));
    while (contexts.size() < 150) contexts.push_back({5, static_cast<Token>(contexts.size() % 9)});
    CHECK(both.agree(contexts, 4));
    both.evict(7);
    CHECK(both.agree(contexts, 4));
    both.append({7});
    CHECK(both.agree(contexts, 4));
}

TEST_CASE("matching on a device: counts of seven levels are added at once, up to what is wanted") {
    using namespace reprise::device::matching;
    for (unsigned seed = 0; seed < 1000; ++seed) {
        Choices choices(seed);
        uint64_t a = 0, b = 0;
        int expected[levels];
        for (int level = 0; level < levels; ++level) {
            const size_t of_a = choices.below(max_per_level + 1), of_b = choices.below(max_per_level + 1);
            a |= static_cast<uint64_t>(of_a) << (8 * level);
            b |= static_cast<uint64_t>(of_b) << (8 * level);
            expected[level] = static_cast<int>(std::min<size_t>(of_a + of_b, max_per_level));
        }
        for (int level = 0; level < levels; ++level)
            REQUIRE(count_of(add_counts(a, b), level) == expected[level]);
    }
}
