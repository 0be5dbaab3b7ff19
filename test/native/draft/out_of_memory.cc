#include <doctest/doctest.h>

#ifdef REPRISE_FAILING_ALLOCATION

#include <algorithm>
#include <new>
#include <vector>

#include "ascending.h"
#include "draft/suffix_index.h"
#include "engine/corpus.h"
#include "failing_allocation.h"
#include "temporary_folder.h"

using namespace reprise;
using draft::SuffixIndex;
using draft::Token;

namespace {

/// Lets the first, second, … allocation of `change` fail until it has all that it wants, and calls `check`
/// after each failure. Returns the failures.
template <typename Change, typename Check> int fail_at_each_allocation(Change change, Check check) {
    for (int failures = 0;; ++failures) {
        try {
            const FailingAllocation failing(failures);
            change();
            return failures;
        } catch (const std::bad_alloc &) {
        }
        check();
    }
}

} // namespace

TEST_CASE("suffix index: a change that has no memory leaves it as it was") {
    SuffixIndex index;
    // Full arrays, so that every change has to allocate.
    index.append(ascending(0, 64));
    index.append(ascending(0, 64));
    std::vector<Token> expected(index.text().begin(), index.text().end());
    const auto check = [&] {
        REQUIRE(std::ranges::equal(index.text(), expected));
        REQUIRE(index.check_integrity() == "");
    };
    CHECK(fail_at_each_allocation([&] { index.append(Token(500)); }, check) >= 2);
    expected.push_back(500);
    check();
    const std::vector<Token> more = ascending(1000, 3000);
    CHECK(fail_at_each_allocation([&] { index.append(more); }, check) >= 3);
    expected.insert(expected.end(), more.begin(), more.end());
    check();
    index.evict(1500);
    expected.erase(expected.begin(), expected.begin() + 1500);
    CHECK(fail_at_each_allocation([&] { index.compact(); }, check) >= 3);
    check();
}

TEST_CASE("corpus: one that has no memory for a conversation holds the others, and goes on") {
    const TemporaryFolder folder;
    const VocabularyId vocabulary{17, 1 << 30};
    for (const bool opened : {false, true}) {
        CAPTURE(opened);
        const std::string path = folder.path(opened ? "opened" : "new");
        auto corpus = std::make_unique<Corpus>(path, vocabulary, 1000);
        corpus->add(ascending(100, 64));
        if (opened) {
            corpus->save();
            corpus = std::make_unique<Corpus>(path, vocabulary, 1000);
        }
        const std::vector<Token> more = ascending(1000, 500);
        const auto failures = fail_at_each_allocation([&] { corpus->add(more); },
                                                      [&] {
                                                          REQUIRE(corpus->index()->length() == 64);
                                                          REQUIRE(corpus->index()->check_integrity() == "");
                                                      });
        CHECK(failures >= 3);
        corpus->add(ascending(2000, 100));
        CHECK(corpus->index()->length() == 64 + 1 + 500 + 1 + 100);
        CHECK(corpus->index()->check_integrity() == "");
    }
}

#endif
