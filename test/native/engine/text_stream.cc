#include "engine/text_stream.h"

#include <cstdint>
#include <random>

#include <doctest/doctest.h>

using namespace reprise;
using draft::Source;

namespace {
std::string joined(const std::vector<Segment> & segments) {
    std::string text;
    for (const Segment & segment : segments) text += segment.text;
    return text;
}
} // namespace

TEST_CASE("text is released as it comes where nothing can be a stop string") {
    TextStream stream({});
    CHECK(stream.push("hello", Source::output));
    CHECK(joined(stream.take()) == "hello");
    CHECK(joined(stream.take()).empty());
}

TEST_CASE("a UTF-8 character is held back until its last byte") {
    TextStream stream({});
    stream.push("a\xE2\x82", Source::prompt);
    CHECK(joined(stream.take()) == "a");
    stream.push("\xAC!", Source::prompt);
    CHECK(joined(stream.take()) == "\xE2\x82\xAC!");
}

TEST_CASE("a character that never ends is released at the end") {
    TextStream stream({});
    stream.push("\xF0\x9F", Source::prompt);
    CHECK(joined(stream.take()).empty());
    stream.finish();
    CHECK(joined(stream.take()) == "\xF0\x9F");
}

TEST_CASE("the text ends before a stop string that spans tokens") {
    TextStream stream({"STOP"});
    CHECK(stream.push("abcS", Source::prompt));
    CHECK(joined(stream.take()) == "abc");
    CHECK(stream.push("TO", Source::prompt));
    CHECK(joined(stream.take()).empty());
    CHECK_FALSE(stream.push("Pxyz", Source::prompt));
    CHECK(joined(stream.take()).empty());
    CHECK(stream.stop() == "STOP");
}

TEST_CASE("what was held for a stop string comes out when it turns out to be none") {
    TextStream stream({"aab"});
    stream.push("aa", Source::reference);
    CHECK(joined(stream.take()).empty());
    stream.push("aab", Source::recycled); // aaaab: the stop string starts at the third byte
    const auto runs = stream.take();
    CHECK(joined(runs) == "aa");
    CHECK(runs.front().source == Source::reference);
}

TEST_CASE("of two stop strings that end together the longer one counts") {
    TextStream stream({"end", "the end"});
    stream.push("this is the end", Source::prompt);
    CHECK(joined(stream.take()) == "this is ");
    CHECK(stream.stop() == "the end");
}

TEST_CASE("runs of one source are joined and sources kept apart") {
    TextStream stream({});
    stream.push("a", Source::output);
    stream.push("b", Source::output);
    stream.push("c", Source::prediction);
    const auto runs = stream.take();
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].text == "ab");
    CHECK(runs[1].text == "c");
    CHECK(runs[1].source == Source::prediction);
}

TEST_CASE("a stop string of 10 kB is matched byte by byte") {
    const std::string stop(10'000, 'x');
    TextStream stream({stop});
    for (int i = 0; i < 9'999; ++i) REQUIRE(stream.push("x", Source::prompt));
    CHECK(joined(stream.take()).empty());
    CHECK_FALSE(stream.push("x", Source::prompt));
}

TEST_CASE("a character whose bytes come from two sources belongs to the one that completes it") {
    TextStream stream({});
    stream.push("a\xF0\x9F", Source::output);
    stream.push("\x99\x82", Source::prediction);
    const auto runs = stream.take();
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].text == "a");
    CHECK(runs[1].text == "\xF0\x9F\x99\x82");
    CHECK(runs[1].source == Source::prediction);
}

TEST_CASE("a stop string that holds a hidden token's text ends the text before it") {
    const std::vector<std::string> stops{"<|end|>\n"};
    TextStream stream(stops, stops);
    CHECK(stream.push("hello", Source::prompt));
    CHECK(joined(stream.take()) == "hello");
    CHECK(stream.push_hidden("<|end|>"));
    CHECK(stream.push_hidden("<|end|>"));
    CHECK_FALSE(stream.push("\n\n", Source::prompt));
    CHECK(joined(stream.take()).empty());
    CHECK(stream.stop() == "<|end|>\n");
}

TEST_CASE("what a hidden token held back comes out without it") {
    const std::vector<std::string> stops{"a<|end|>\n"};
    TextStream stream(stops, stops);
    CHECK(stream.push("ba", Source::prompt));
    CHECK(stream.push_hidden("<|end|>"));
    CHECK(joined(stream.take()) == "b");
    CHECK(stream.push("c", Source::prompt));
    CHECK(joined(stream.take()) == "ac");
}

TEST_CASE("a stop string is not found in a part of a hidden token") {
    const std::vector<std::string> stops{"end", "|>", "<|", "x<|", "|>y"};
    TextStream stream(stops, stops);
    CHECK(stream.push("x", Source::prompt));
    CHECK(stream.push_hidden("<|end|>"));
    CHECK(stream.push("y", Source::prompt));
    stream.finish();
    CHECK(joined(stream.take()) == "xy");
}

TEST_CASE("a stop string is found in the text that is shown, hidden tokens or not") {
    TextStream stream({"ab"}, {});
    CHECK_FALSE(stream.finds_hidden());
    const std::vector<std::string> stops{"ab", "<|end|>"};
    TextStream other(stops, {"<|end|>"});
    CHECK(other.push("xa", Source::prompt));
    CHECK(other.push_hidden("<|start|>"));
    CHECK_FALSE(other.push("b", Source::prompt));
    CHECK(joined(other.take()) == "x");
    CHECK(other.stop() == "ab");
}

TEST_CASE("random texts with hidden tokens end where a search of the whole text says") {
    struct Piece {
        std::string text;
        bool shown;
    };
    std::mt19937 random(9);
    const auto below = [&](size_t end) { return static_cast<size_t>(random()) % end; };
    int stopped = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::vector<Piece> pieces;
        for (size_t i = 0; i < 1 + below(6); ++i) {
            if (below(3) == 0)
                pieces.push_back({below(2) ? "<a>" : "<ab>", false});
            else
                pieces.push_back({std::string(1, "ab<>"[below(4)]) + (below(2) ? "a" : ""), true});
        }
        std::vector<std::string> stops;
        for (size_t i = 0; i < 1 + below(2); ++i) {
            std::string stop;
            for (size_t j = 0; j < 1 + below(3); ++j)
                stop += below(3) ? std::string(1, "ab<>"[below(4)]) : "<a>";
            stops.push_back(stop);
        }
        // Every byte with the piece that it is of; a stop string may cut none that is hidden.
        std::string all, shown;
        std::vector<size_t> owner, shown_at; // of all: the piece; how many bytes are shown before
        for (size_t i = 0; i < pieces.size(); ++i)
            for (const char byte : pieces[i].text) {
                shown_at.push_back(shown.size());
                owner.push_back(i);
                all += byte;
                if (pieces[i].shown) shown += byte;
            }
        size_t wanted = shown.size(), end = SIZE_MAX, longest = 0;
        const auto consider = [&](size_t at, size_t last, size_t before) {
            const size_t length = last + 1 - at;
            if (last < end || (last == end && length > longest)) {
                end = last;
                longest = length;
                wanted = before;
            }
        };
        for (const std::string & stop : stops) {
            for (size_t at = all.find(stop); at != std::string::npos; at = all.find(stop, at + 1)) {
                const size_t last = at + stop.size() - 1;
                const bool cuts_first = at > 0 && owner[at - 1] == owner[at] && !pieces[owner[at]].shown;
                const bool cuts_last =
                    last + 1 < all.size() && owner[last + 1] == owner[last] && !pieces[owner[last]].shown;
                if (!cuts_first && !cuts_last) consider(at, last, shown_at[at]);
            }
            for (size_t at = shown.find(stop); at != std::string::npos; at = shown.find(stop, at + 1)) {
                size_t first = 0, last = 0;
                for (size_t i = 0; i < all.size(); ++i) {
                    if (!pieces[owner[i]].shown) continue;
                    if (shown_at[i] == at) first = i;
                    if (shown_at[i] == at + stop.size() - 1) last = i;
                }
                consider(first, last, at);
            }
        }
        TextStream stream(stops, stops);
        bool going = true;
        for (size_t i = 0; i < pieces.size() && going; ++i)
            going = pieces[i].shown ? stream.push(pieces[i].text, Source::prompt)
                                    : stream.push_hidden(pieces[i].text);
        if (going) stream.finish();
        CAPTURE(all);
        CAPTURE(stops.front());
        CHECK(going == (end == SIZE_MAX));
        REQUIRE(joined(stream.take()) == shown.substr(0, wanted));
        stopped += !going;
    }
    CHECK(stopped > 1000);
}
