#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace reprise {

/// A file's bytes, read-only: mapped into memory, or read where that is not to be had.
class FileBytes {
public:
    /// `path` is UTF-8. Throws Error STATE_IO.
    static std::shared_ptr<const FileBytes> open(const std::string & path);
    ~FileBytes();
    FileBytes(const FileBytes &) = delete;
    FileBytes & operator=(const FileBytes &) = delete;

    std::span<const std::byte> bytes() const { return bytes_; }

private:
    FileBytes() = default;

    std::span<const std::byte> bytes_;
    std::vector<std::byte> own_;
};

/// Writes a file and only then puts it in the place of an older one, so that `path` never holds half a file,
/// whoever else writes it at the same time. A file's permissions stay; a new one is its user's alone. A
/// process that is ended while it writes leaves `path`, a number and `.part`, which can be deleted. `what`
/// names it in errors. Throws Error STATE_IO.
void replace_file(const std::string & path, const std::string & what,
                  std::span<const std::span<const std::byte>> parts);

} // namespace reprise
