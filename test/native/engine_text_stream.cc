#include <doctest/doctest.h>

#include "engine/text_stream.h"

using namespace reprise;

namespace {
std::string joined(const std::vector<TextRun> & runs) {
    std::string text;
    for (const TextRun & run : runs) text += run.text;
    return text;
}
} // namespace

TEST_CASE("text is released as it comes where nothing can be a stop string") {
    TextStream stream({});
    CHECK(stream.push("hello", 1));
    CHECK(joined(stream.take()) == "hello");
    CHECK(joined(stream.take()).empty());
}

TEST_CASE("a UTF-8 character is held back until its last byte") {
    TextStream stream({});
    stream.push("a\xE2\x82", 0);
    CHECK(joined(stream.take()) == "a");
    stream.push("\xAC!", 0);
    CHECK(joined(stream.take()) == "\xE2\x82\xAC!");
}

TEST_CASE("a character that never ends is released at the end") {
    TextStream stream({});
    stream.push("\xF0\x9F", 0);
    CHECK(joined(stream.take()).empty());
    stream.finish();
    CHECK(joined(stream.take()) == "\xF0\x9F");
}

TEST_CASE("the text ends before a stop string that spans tokens") {
    TextStream stream({"STOP"});
    CHECK(stream.push("abcS", 0));
    CHECK(joined(stream.take()) == "abc");
    CHECK(stream.push("TO", 0));
    CHECK(joined(stream.take()).empty());
    CHECK_FALSE(stream.push("Pxyz", 0));
    CHECK(joined(stream.take()).empty());
    CHECK(stream.stop() == "STOP");
}

TEST_CASE("what was held for a stop string comes out when it turns out to be none") {
    TextStream stream({"aab"});
    stream.push("aa", 3);
    CHECK(joined(stream.take()).empty());
    stream.push("aab", 4); // aaaab: the stop string starts at the third byte
    const auto runs = stream.take();
    CHECK(joined(runs) == "aa");
    CHECK(runs.front().source == 3);
}

TEST_CASE("of two stop strings that end together the longer one counts") {
    TextStream stream({"end", "the end"});
    stream.push("this is the end", 0);
    CHECK(joined(stream.take()) == "this is ");
    CHECK(stream.stop() == "the end");
}

TEST_CASE("runs of one source are joined and sources kept apart") {
    TextStream stream({});
    stream.push("a", 1);
    stream.push("b", 1);
    stream.push("c", 2);
    const auto runs = stream.take();
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].text == "ab");
    CHECK(runs[1].text == "c");
    CHECK(runs[1].source == 2);
}

TEST_CASE("a stop string of 10 kB is matched byte by byte") {
    const std::string stop(10'000, 'x');
    TextStream stream({stop});
    for (int i = 0; i < 9'999; ++i) REQUIRE(stream.push("x", 0));
    CHECK(joined(stream.take()).empty());
    CHECK_FALSE(stream.push("x", 0));
}

TEST_CASE("a character whose bytes come from two sources belongs to the one that completes it") {
    TextStream stream({});
    stream.push("a\xF0\x9F", 1);
    stream.push("\x99\x82", 2);
    const auto runs = stream.take();
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].text == "a");
    CHECK(runs[1].text == "\xF0\x9F\x99\x82");
    CHECK(runs[1].source == 2);
}
