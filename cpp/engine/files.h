#pragma once

#include <cstddef>
#include <filesystem>
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

/// What `path` is where it exists and is no regular file ("a directory", "a pipe"), else null. Opens nothing.
const char * irregular_kind(const std::filesystem::path & path);

/// Throws Error STATE_IO where `path` (UTF-8) exists and is no regular file.
void require_regular_file(const std::string & path);

/// The file that `path` (UTF-8) names, through symbolic links to links, whether it exists or not. Throws
/// Error STATE_IO where they lead in a circle.
std::filesystem::path follow_links(const std::string & path);

/// Removes what processes left that were ended while `replace_file` wrote `target`; what is being written
/// stays.
void remove_abandoned_parts(const std::filesystem::path & target);

/// Writes a file and only then puts it in the place of an older one, so that `path` never holds half a file,
/// whoever else writes it at the same time. Where `path` is a symbolic link, the file it leads to is written;
/// other hard links keep the older file. A file's permissions stay; a new one is its user's alone. A process
/// that is ended while it writes leaves the path, a number and `.part`, which the next to write there
/// removes. `what` names it in errors. Throws Error STATE_IO.
void replace_file(const std::string & path, const std::string & what,
                  std::span<const std::span<const std::byte>> parts);

} // namespace reprise
