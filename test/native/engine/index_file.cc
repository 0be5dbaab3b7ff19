#include "engine/index_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "draft/suffix_search.h"
#include "engine/error.h"
#include "temporary_folder.h"

using namespace reprise;
using draft::SuffixIndex;
using draft::SuffixSearch;
using draft::Token;

namespace {

constexpr VocabularyId vocabulary{17, 40};

/// A file in a folder of its own.
class TemporaryFile {
public:
    std::string path() const { return folder_.path("corpus"); }
    size_t files() const { return std::distance(std::filesystem::directory_iterator(folder_.path()), {}); }
    std::vector<char> read() const {
        std::ifstream file(path(), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void write(const std::vector<char> & bytes) const {
        std::ofstream(path(), std::ios::binary)
            .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }

private:
    TemporaryFolder folder_;
};

std::vector<Token> random_text(std::mt19937 & random, size_t length) {
    std::vector<Token> text;
    while (text.size() < length) {
        if (text.size() > 40 && random() % 3 == 0) {
            const size_t from = random() % (text.size() - 30);
            for (size_t i = from; i < from + 30; ++i) text.push_back(Token(text[i]));
        } else {
            text.push_back(static_cast<Token>(random() % 6) - 1);
        }
    }
    text.resize(length);
    return text;
}

void check_same(const SuffixIndex & a, const SuffixIndex & b) {
    REQUIRE(a.check_integrity() == "");
    REQUIRE(std::ranges::equal(a.text(), b.text()));
    CHECK(a.longest_match().length == b.longest_match().length);
    CHECK(a.longest_match().end == b.longest_match().end);
    SuffixSearch in_a, in_b;
    in_a.start(a, a.text(), 8);
    in_b.start(b, b.text(), 8);
    in_a.run();
    in_b.run();
    REQUIRE(in_a.matches().size() == in_b.matches().size());
    for (size_t i = 0; i < in_a.matches().size(); ++i) CHECK(in_a.matches()[i].end == in_b.matches()[i].end);
}

std::string code_of_opening(const TemporaryFile & file, const VocabularyId & as = vocabulary) {
    try {
        open_index(as, file.path());
    } catch (const Error & error) {
        return name_of(error.code());
    }
    return "";
}

} // namespace

TEST_CASE("index file: an opened index is the saved one, and goes on as it does") {
    for (unsigned seed = 0; seed < 40; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        const TemporaryFile file;
        SuffixIndex saved;
        saved.append(random_text(random, random() % 400));
        if (seed % 2 == 0) saved.evict(random() % (saved.length() + 1));
        save_index(saved, vocabulary, file.path());
        CHECK(file.files() == 1);
        SuffixIndex opened = open_index(vocabulary, file.path());
        check_same(opened, saved);

        const SuffixIndex copy = opened;
        const SuffixIndex before = saved;
        const auto more = random_text(random, 50);
        const size_t length = random() % (saved.length() + 1), evicted = random() % (saved.length() + 1);
        for (SuffixIndex * index : {&opened, &saved}) {
            index->truncate(length);
            index->append(more);
            index->evict(evicted);
        }
        check_same(opened, saved);
        check_same(copy, before);
    }
}

TEST_CASE("index file: one that is replaced meanwhile stays as it was opened") {
    std::mt19937 random(1);
    const TemporaryFile file;
    SuffixIndex first, second;
    first.append(random_text(random, 3000));
    second.append(random_text(random, 10));
    save_index(first, vocabulary, file.path());
    const SuffixIndex opened = open_index(vocabulary, file.path());
    save_index(second, vocabulary, file.path());
    check_same(opened, first);
    check_same(open_index(vocabulary, file.path()), second);
}

#ifndef _WIN32
TEST_CASE("index file: a new one is its user's alone, and what the user allows stays") {
    using std::filesystem::perms;
    std::mt19937 random(1);
    const TemporaryFile file;
    SuffixIndex saved;
    saved.append(random_text(random, 100));
    save_index(saved, vocabulary, file.path());
    CHECK(std::filesystem::status(file.path()).permissions() == (perms::owner_read | perms::owner_write));
    for (const perms allowed : {perms(0644), perms(0600), perms(0666)}) {
        std::filesystem::permissions(file.path(), allowed);
        save_index(saved, vocabulary, file.path());
        CHECK(std::filesystem::status(file.path()).permissions() == allowed);
    }
}
#endif

TEST_CASE("index file: any byte that is missing, changed or too many is an error") {
    std::mt19937 random(1);
    const TemporaryFile file;
    SuffixIndex saved;
    saved.append(random_text(random, 41));
    save_index(saved, vocabulary, file.path());
    const std::vector<char> whole = file.read();
    CHECK(code_of_opening(file) == "");
    for (size_t i = 0; i < whole.size(); ++i) {
        CAPTURE(i);
        file.write({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(i)});
        CHECK(code_of_opening(file) == "STATE_IO");
        for (const int bit : {0, 7}) {
            std::vector<char> flipped = whole;
            flipped[i] = static_cast<char>(flipped[i] ^ 1 << bit);
            file.write(flipped);
            // Byte order and version are after the first eight bytes.
            CHECK(code_of_opening(file) == (i >= 8 && i < 16 ? "STATE_MISMATCH" : "STATE_IO"));
        }
    }
    std::vector<char> longer = whole;
    longer.resize(longer.size() + 8);
    file.write(longer);
    CHECK(code_of_opening(file) == "STATE_IO");
}

TEST_CASE("index file: another vocabulary, no file, no folder") {
    std::mt19937 random(1);
    const TemporaryFile file;
    CHECK(code_of_opening(file) == "STATE_IO");
    SuffixIndex saved;
    saved.append(random_text(random, 100));
    save_index(saved, vocabulary, file.path());
    CHECK(code_of_opening(file, {vocabulary.fingerprint + 1, vocabulary.size}) == "STATE_MISMATCH");
    CHECK(code_of_opening(file, {vocabulary.fingerprint, 3}) == "STATE_IO");
    CHECK_THROWS_AS(save_index(saved, vocabulary, file.path() + "/no/folder"), Error);
}
