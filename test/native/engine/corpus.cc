#include "engine/corpus.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "ascending.h"
#include "draft/suffix_search.h"
#include "engine/error.h"
#include "temporary_folder.h"

using namespace reprise;
using draft::Token;

namespace {

constexpr VocabularyId vocabulary{17, 1 << 30};

bool holds(const draft::SuffixIndex & index, const std::vector<Token> & tokens) {
    return !std::ranges::search(index.text(), tokens).empty();
}

} // namespace

TEST_CASE("corpus: what was taken from it stays as it is") {
    const TemporaryFolder folder;
    Corpus corpus(folder.path("corpus"), vocabulary, 1000);
    corpus.add(ascending(100, 50));
    const auto before = corpus.index();
    corpus.add(ascending(200, 50));
    CHECK(before->length() == 50);
    CHECK(holds(*corpus.index(), ascending(100, 50)));
    CHECK(holds(*corpus.index(), ascending(200, 50)));
    CHECK(corpus.index()->check_integrity() == "");
}

TEST_CASE("corpus: a conversation that it holds whole is not added again") {
    const TemporaryFolder folder;
    Corpus corpus(folder.path("corpus"), vocabulary, 1000);
    corpus.add(ascending(100, 50));
    corpus.add(ascending(110, 20));
    CHECK(corpus.index()->length() == 50);
    corpus.add(ascending(110, 41));
    CHECK(corpus.index()->length() == 50 + 1 + 41);
}

TEST_CASE("corpus: what is forgotten is not in the file") {
    const TemporaryFolder folder;
    const std::string path = folder.path("corpus");
    {
        Corpus corpus(path, vocabulary, 100);
        corpus.add(ascending(1000, 90));
        corpus.add(ascending(2000, 90));
        corpus.save();
    }
    const Corpus opened(path, vocabulary, 100);
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

TEST_CASE("corpus: sessions of several threads end while others begin") {
    const TemporaryFolder folder;
    Corpus corpus(folder.path("corpus"), vocabulary, 20'000);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&corpus, thread] {
            const auto sought = ascending(1000, 10);
            for (int i = 0; i < 50; ++i) {
                const auto seen = corpus.index();
                corpus.add(ascending(1000 * (50 * thread + i), 80));
                draft::SuffixSearch search;
                search.start(*seen, sought, 16);
                search.run();
            }
        });
    for (std::thread & thread : threads) thread.join();
    CHECK(corpus.index()->length() == 200 * 81 - 1);
    CHECK(corpus.index()->check_integrity() == "");
}
