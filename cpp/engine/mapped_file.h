#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace reprise {

/// A file's bytes, read-only. They are mapped into memory; on Windows they are read into it.
class MappedFile {
public:
    /// `path` is UTF-8. Throws Error STATE_IO.
    static std::shared_ptr<const MappedFile> open(const std::string & path);
    ~MappedFile();
    MappedFile(const MappedFile &) = delete;
    MappedFile & operator=(const MappedFile &) = delete;

    std::span<const std::byte> bytes() const { return bytes_; }

private:
    MappedFile() = default;

    std::span<const std::byte> bytes_;
    std::vector<std::byte> own_; ///< `bytes_` where the file was read and not mapped
};

} // namespace reprise
