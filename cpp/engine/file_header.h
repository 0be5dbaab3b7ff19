#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "engine/error.h"
#include "engine/hash.h"

namespace reprise {

/// A kind of file that Reprise writes for itself, and what its errors call it.
struct FileFormat {
    std::array<char, 8> magic;
    uint32_t version;    ///< it rises with each change of what is in the file
    const char * name;   ///< "a session state"
    const char * remedy; ///< what to do with a file that this build does not read: "save it again"
};

/// What every such file begins with. The rest is as it is in memory, in the writer's byte order.
struct FileHeader {
    std::array<char, 8> magic;
    uint32_t byte_order;
    uint32_t version;
};

FileHeader header_of(const FileFormat & format);

/// Throws Error STATE_IO where `header` is of another kind of file, and STATE_MISMATCH where it is of another
/// version or of a machine of another byte order. `path` names the file in errors.
void check_header(const FileHeader & header, const FileFormat & format, const std::string & path);

/// Where a file holds what no file of its kind does: an Error STATE_IO.
Error damaged(const std::string & path, const std::string & what, const FileFormat & format);

/// The checksum of a file's bytes, which are added in any parts. Zeros fill the last word.
class FileChecksum {
public:
    void add(std::span<const std::byte> bytes);
    uint64_t value() const;

private:
    Fnv1a hash_;
    std::array<std::byte, 8> word_{}; ///< the bytes since the last whole word
    size_t filled_ = 0;               ///< how many these are
};

/// The checksum of a file whose header is `header`, with 0 in place of its field `checksum`, and whose other
/// bytes are `rest`.
template <typename Header>
uint64_t checksum_of(Header header, std::span<const std::span<const std::byte>> rest) {
    FileChecksum checksum;
    header.checksum = 0;
    checksum.add(std::as_bytes(std::span(&header, 1)));
    for (const auto & part : rest) checksum.add(part);
    return checksum.value();
}

} // namespace reprise
