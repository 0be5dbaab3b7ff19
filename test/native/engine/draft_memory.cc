#include "engine/draft_memory.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <numeric>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "draft/suffix_search.h"
#include "engine/error.h"
#include "temporary_folder.h"

using namespace reprise;
using draft::Token;

namespace {

constexpr VocabularyId vocabulary{17, 1 << 30};

std::vector<Token> ascending(Token from, int count) {
    std::vector<Token> tokens(count);
    std::iota(tokens.begin(), tokens.end(), from);
    return tokens;
}

bool holds(const draft::SuffixIndex & index, const std::vector<Token> & tokens) {
    return !std::ranges::search(index.text(), tokens).empty();
}

} // namespace

TEST_CASE("draft memory: what was taken from it stays as it is") {
    const TemporaryFolder folder;
    DraftMemory memory(folder.path("memory"), vocabulary, 1000);
    memory.add(ascending(100, 50));
    const auto before = memory.index();
    memory.add(ascending(200, 50));
    CHECK(before->length() == 50);
    CHECK(holds(*memory.index(), ascending(100, 50)));
    CHECK(holds(*memory.index(), ascending(200, 50)));
    CHECK(memory.index()->check_integrity() == "");
}

TEST_CASE("draft memory: a conversation that it holds whole is not added again") {
    const TemporaryFolder folder;
    DraftMemory memory(folder.path("memory"), vocabulary, 1000);
    memory.add(ascending(100, 50));
    memory.add(ascending(110, 20));
    CHECK(memory.index()->length() == 50);
    memory.add(ascending(110, 41));
    CHECK(memory.index()->length() == 50 + 1 + 41);
}

TEST_CASE("draft memory: what is forgotten is not in the file") {
    const TemporaryFolder folder;
    const std::string path = folder.path("memory");
    {
        DraftMemory memory(path, vocabulary, 100);
        memory.add(ascending(1000, 90));
        memory.add(ascending(2000, 90));
        memory.save();
    }
    const DraftMemory opened(path, vocabulary, 100);
    CHECK(opened.index()->length() == 100);
    CHECK(holds(*opened.index(), ascending(2000, 90)));
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
    const auto contains = [&](Token token) {
        const auto * const from = reinterpret_cast<const char *>(&token);
        return std::search(bytes.begin(), bytes.end(), from, from + sizeof token) != bytes.end();
    };
    CHECK(contains(2000));
    CHECK_FALSE(contains(1040)); // the last 32 before the first place still lead to it
}

TEST_CASE("draft memory: sessions of several threads end while others begin") {
    const TemporaryFolder folder;
    DraftMemory memory(folder.path("memory"), vocabulary, 20'000);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&memory, thread] {
            const auto sought = ascending(1000, 10);
            for (int i = 0; i < 50; ++i) {
                const auto seen = memory.index();
                memory.add(ascending(1000 * (50 * thread + i), 80));
                draft::SuffixSearch search;
                search.start(*seen, sought, 16);
                search.run();
            }
        });
    for (std::thread & thread : threads) thread.join();
    CHECK(memory.index()->length() == 200 * 81 - 1);
    CHECK(memory.index()->check_integrity() == "");
}
