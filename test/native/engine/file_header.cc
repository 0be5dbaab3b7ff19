#include "engine/file_header.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace reprise;

namespace {

constexpr FileFormat format{{'t', 'e', 's', 't'}, 3, "a test file", "write it again"};

ErrorCode code_of_checking(const FileHeader & header) {
    try {
        check_header(header, format, "path");
    } catch (const Error & error) {
        CHECK(std::string(error.what()).find("path") == 0);
        return error.code();
    }
    return ErrorCode::count;
}

} // namespace

TEST_CASE("file header: its own is taken, and others say what they are") {
    const FileHeader own = header_of(format);
    CHECK(code_of_checking(own) == ErrorCode::count);
    FileHeader other = own;
    other.magic[0] = 'b';
    CHECK(code_of_checking(other) == ErrorCode::state_io);
    other = own;
    other.version = 4;
    CHECK(code_of_checking(other) == ErrorCode::state_mismatch);
    other = own;
    other.byte_order = 0x04030201;
    CHECK(code_of_checking(other) == ErrorCode::state_mismatch);
    CHECK(code_of_checking({}) == ErrorCode::state_io);
}

TEST_CASE("file header: a checksum is the same however the bytes are parted, and another for other bytes") {
    std::mt19937 random(1);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::byte> bytes(1 + random() % 60);
        for (std::byte & byte : bytes) byte = static_cast<std::byte>(random());
        FileChecksum whole;
        whole.add(bytes);
        FileChecksum parts;
        for (std::span<const std::byte> rest = bytes; !rest.empty();) {
            const size_t size = std::min<size_t>(rest.size(), random() % 12);
            parts.add(rest.first(size));
            parts.add({});
            rest = rest.subspan(size);
        }
        CHECK(parts.value() == whole.value());
        bytes[random() % bytes.size()] ^= std::byte{4};
        FileChecksum other;
        other.add(bytes);
        CHECK(other.value() != whole.value());
    }
}
