#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace reprise {

/// Writes a file and only then puts it in the place of an older one, so that `path` never holds half a file,
/// whoever else writes it at the same time. Where `path` is a symbolic link, the file it leads to is written;
/// other hard links keep the older file. A file's permissions stay; a new one is its user's alone. A process
/// that is ended while it writes leaves a file whose name is the path, a number and `.part`; the next to
/// write there removes it. `what` names the contents in errors. Throws Error STATE_IO.
void write_file_atomically(const std::string & path, const std::string & what,
                           std::span<const std::span<const std::byte>> parts);

/// Removes what processes left that were ended while `write_file_atomically` wrote `target`. What another
/// process is writing now stays.
void remove_abandoned_parts(const std::filesystem::path & target);

} // namespace reprise
