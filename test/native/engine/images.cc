#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <random>
#include <set>

#include <doctest/doctest.h>

#include "engine/error.h"
#include "engine/image_description.h"
#include "engine/image_pixels.h"

using namespace reprise;

namespace {

/// Rows at ordinary positions, or all of them at one time on a grid.
ImageChunk::Layout layout(int rows, bool has_axes) {
    ImageChunk::Layout made{has_axes ? (rows + 3) / 4 : rows, true, has_axes, {}};
    for (int row = 0; row < rows; ++row)
        made.rows.push_back({has_axes ? 0 : row, has_axes ? row / 4 : 0, has_axes ? row % 4 : 0});
    return made;
}

std::string id(int number) {
    std::string text = std::to_string(number);
    return std::string(64 - text.size(), '0') + text;
}

/// A history with some images, and what keeps them.
struct History {
    std::vector<Token> tokens;
    std::vector<std::shared_ptr<ImageChunk>> chunks;

    History(std::mt19937 & random, ImageChunks & known) {
        const auto below = [&](int limit) { return static_cast<int>(random() % limit); };
        for (int part = below(6); part >= 0; --part) {
            for (int i = below(5); i > 0; --i) tokens.push_back(below(50));
            if (below(3) == 0) continue;
            const int number = below(4);
            auto chunk = known.obtain({id(number), 0}, layout(1 + 3 * number, number % 2 == 1));
            for (int row = 0; row < chunk->rows(); ++row) tokens.push_back(chunk->id_of(row));
            chunks.push_back(std::move(chunk));
        }
    }
};

std::vector<uint8_t> read(const std::filesystem::path & path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

ErrorCode code_of(const std::function<void()> & work) {
    try {
        work();
    } catch (const Error & error) {
        return error.code();
    }
    return ErrorCode::count;
}

} // namespace

TEST_CASE("images: a chunk has ids of its own as long as somebody holds it") {
    ImageChunks chunks;
    std::map<int, std::shared_ptr<ImageChunk>> held;
    std::map<int, Token> first;
    std::mt19937 random(1);
    for (int i = 0; i < 3000; ++i) {
        const int number = static_cast<int>(random() % 300);
        if (random() % 2 == 0) {
            held.erase(number);
            continue;
        }
        auto chunk = chunks.obtain({id(number), 0}, layout(1 + number % 7, false));
        if (held.contains(number)) CHECK(held[number] == chunk);
        if (!held.contains(number)) CHECK(first.insert_or_assign(number, chunk->first()).first->second < -1);
        held[number] = chunk;
        for (const auto & [other, one] : held)
            for (int row = 0; row < one->rows(); ++row) CHECK(chunks.of(one->id_of(row)) == one);
    }
    std::set<Token> ids;
    for (const auto & [number, chunk] : held)
        for (int row = 0; row < chunk->rows(); ++row) CHECK(ids.insert(chunk->id_of(row)).second);
    for (const auto & [number, at] : first)
        if (!held.contains(number)) CHECK(chunks.of(at) == nullptr);
    CHECK(chunks.of(draft::separator) == nullptr);
    CHECK(code_of([&] {
              const auto kept = chunks.obtain({id(1000), 0}, layout(3, false));
              chunks.obtain({id(1000), 0}, layout(4, false));
          }) == ErrorCode::image_invalid);
}

TEST_CASE("images: positions go on behind an image by its positions, not by its rows") {
    std::mt19937 random(2);
    ImageChunks chunks;
    for (int round = 0; round < 500; ++round) {
        const History history(random, chunks);
        ImageSpans spans(history.tokens, chunks);
        const int length = static_cast<int>(history.tokens.size());
        // A reference that walks through the history.
        std::vector<llama_pos> positions;
        std::vector<int> begins(length, -1);
        llama_pos next = 0;
        for (int i = 0; i < length;) {
            const auto chunk = is_image_row(history.tokens[i]) ? chunks.of(history.tokens[i]) : nullptr;
            if (!chunk) {
                positions.push_back(next++);
                ++i;
                continue;
            }
            for (int row = 0; row < chunk->rows(); ++row) {
                positions.push_back(next + chunk->layout().rows[row].time);
                begins[i + row] = i;
            }
            next += chunk->positions();
            i += chunk->rows();
        }
        positions.push_back(next);
        for (int i = 0; i <= length; ++i) {
            CHECK(spans.position(i) == positions[i]);
            const llama_pos highest =
                i == 0 ? -1 : *std::max_element(positions.begin(), positions.begin() + i);
            CHECK(spans.highest_position(i) == highest);
            const bool inside = i > 0 && i < length && begins[i] >= 0 && begins[i] < i;
            CHECK(spans.outside(i) == (inside ? begins[i] : i));
            const auto image = std::find_if(begins.begin() + i, begins.end(), [&](const int & begin) {
                return begin == &begin - begins.data();
            });
            CHECK(spans.next(i, length) == image - begins.begin());
            CHECK((i < length && spans.at(i) ? spans.at(i)->begin : -1) == (i < length ? begins[i] : -1));
        }
        // What is left is that of the history that is left.
        const int from = spans.outside(static_cast<int>(random() % (length + 1)));
        const int to = std::max(from, spans.outside(static_cast<int>(random() % (length + 1))));
        std::vector<Token> rest = history.tokens;
        rest.erase(rest.begin() + from, rest.begin() + to);
        const ImageSpans expected(rest, chunks);
        ImageSpans erased = spans;
        erased.erase(from, to);
        for (size_t i = 0; i <= rest.size(); ++i)
            CHECK(erased.position(static_cast<int>(i)) == expected.position(static_cast<int>(i)));
        spans.truncate(from);
        CHECK(spans.next(0, from) == ImageSpans(std::span(history.tokens).first(from), chunks).next(0, from));
    }
}

TEST_CASE("images: a part of one, or one that is gone, is no history") {
    ImageChunks chunks;
    auto chunk = chunks.obtain({id(1), 0}, layout(4, false));
    std::vector<Token> tokens{5};
    for (int row = 0; row < 4; ++row) tokens.push_back(chunk->id_of(row));
    const auto code = [&](std::vector<Token> history) {
        return code_of([&] { ImageSpans(history, chunks); });
    };
    CHECK(code(tokens) == ErrorCode::count);
    CHECK(code({tokens.begin(), tokens.end() - 1}) == ErrorCode::option_invalid);
    CHECK(code({tokens.begin() + 2, tokens.end()}) == ErrorCode::option_invalid);
    CHECK(code({tokens[2], tokens[1], tokens[3], tokens[4]}) == ErrorCode::option_invalid);
    chunk.reset();
    CHECK(code(tokens) == ErrorCode::option_invalid);
}

TEST_CASE("images: a description names the images of another process, and nothing else") {
    std::mt19937 random(3);
    for (int round = 0; round < 300; ++round) {
        ImageChunks here;
        const History history(random, here);
        const auto description = describe_images(ImageSpans(history.tokens, here));
        ImageChunks there;
        const auto before = there.obtain({id(99), 0}, layout(7, false)); // Ids are others there.
        std::vector<Token> tokens = history.tokens;
        const auto named = name_images(description, tokens, there);
        REQUIRE(named.has_value());
        const ImageSpans spans(tokens, there);
        CHECK(describe_images(spans) == description);
        for (size_t i = 0; i < tokens.size(); ++i)
            if (!is_image_row(history.tokens[i])) CHECK(tokens[i] == history.tokens[i]);
        // Damage is found, or leaves a description of as many rows.
        auto damaged = description;
        if (damaged.empty()) continue;
        for (int i = 0; i < 20; ++i) {
            damaged[random() % damaged.size()] = static_cast<std::byte>(random());
            if (random() % 4 == 0) damaged.resize(random() % damaged.size());
            if (damaged.empty()) break;
            tokens = history.tokens;
            ImageChunks other;
            try {
                if (const auto taken = name_images(damaged, tokens, other)) ImageSpans(tokens, other);
            } catch (const Error &) { // two images of one name
            }
        }
    }
}

TEST_CASE("images: every format is decoded, and damage ends in an error or in other pixels") {
    const std::filesystem::path folder = REPRISE_TEST_PICTURES;
    const ImagePixels exact = decode_image(read(folder / "small.png"));
    CHECK(exact.width == 9);
    CHECK(exact.height == 7);
    CHECK(decode_image(read(folder / "small.bmp")).rgb == exact.rgb);
    std::mt19937 random(4);
    for (const char * name : {"small.png", "small.bmp", "small.gif", "small.jpeg", "progressive.jpeg"}) {
        const auto file = read(folder / name);
        CHECK(decode_image(file).rgb.size() == exact.rgb.size());
        for (int round = 0; round < 3000; ++round) {
            auto damaged = file;
            for (int i = 1 + random() % 8; i > 0; --i) damaged[random() % damaged.size()] = random();
            if (random() % 4 == 0) damaged.resize(random() % damaged.size());
            try {
                const ImagePixels pixels = decode_image(damaged);
                CHECK(pixels.rgb.size() == size_t{3} * pixels.width * pixels.height);
            } catch (const Error & error) {
                CHECK(error.code() == ErrorCode::image_invalid);
            }
        }
    }
}
