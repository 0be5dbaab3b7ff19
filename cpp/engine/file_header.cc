#include "engine/file_header.h"

#include <algorithm>

namespace reprise {

namespace {

/// On a machine of the other byte order it reads 0x04030201.
constexpr uint32_t own_byte_order = 0x01020304;
constexpr uint32_t other_byte_order = 0x04030201;

} // namespace

FileHeader header_of(const FileFormat & format) {
    return {format.magic, own_byte_order, format.version};
}

void check_header(const FileHeader & header, const FileFormat & format, const std::string & path) {
    if (header.magic != format.magic)
        throw Error(ErrorCode::state_io,
                    path + " is not " + format.name + " written by Reprise; pass another path");
    if (header.byte_order == other_byte_order)
        throw Error(ErrorCode::state_mismatch,
                    path + " was written by a machine of another byte order; " + format.remedy);
    // Session states up to version 2 have their version where the byte order is.
    const uint32_t version = header.byte_order == own_byte_order ? header.version : header.byte_order;
    if (version != format.version)
        throw Error(ErrorCode::state_mismatch, path + " is " + format.name + " of version " +
                                                   std::to_string(version) +
                                                   ", and this build reads version " +
                                                   std::to_string(format.version) + "; " + format.remedy);
}

Error damaged(const std::string & path, const std::string & what, const FileFormat & format) {
    return Error(ErrorCode::state_io, path + " is damaged: " + what + "; " + format.remedy);
}

void FileChecksum::add(std::span<const std::byte> bytes) {
    const auto take = [&](size_t count) {
        // Not memcpy, which forbids the null pointer of an empty span.
        std::ranges::copy(bytes.first(count), word_.begin() + filled_);
        bytes = bytes.subspan(count);
        filled_ += count;
        if (filled_ < sizeof word_) return;
        hash_.add_word(word_);
        filled_ = 0;
    };
    if (filled_ > 0) take(std::min(bytes.size(), sizeof word_ - filled_));
    for (; bytes.size() >= sizeof word_; bytes = bytes.subspan(sizeof word_))
        hash_.add_word(bytes.first<sizeof word_>());
    if (!bytes.empty()) take(bytes.size());
}

uint64_t FileChecksum::value() const {
    if (filled_ == 0) return hash_.value();
    std::array<std::byte, 8> last{};
    std::copy_n(word_.begin(), filled_, last.begin());
    Fnv1a hash = hash_;
    hash.add_word(last);
    return hash.value();
}

} // namespace reprise
