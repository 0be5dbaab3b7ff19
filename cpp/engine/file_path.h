#pragma once

#include <filesystem>
#include <string>

namespace reprise {

/// What `path` is where it exists and is no regular file ("a directory", "a pipe"), else null. Opens nothing.
const char * irregular_kind(const std::filesystem::path & path);

/// Throws Error STATE_IO where `path` (UTF-8) exists and is no regular file.
void require_regular_file(const std::string & path);

/// The file that `path` (UTF-8) names, through symbolic links to links, whether it exists or not. Throws
/// Error STATE_IO where they lead in a circle.
std::filesystem::path follow_links(const std::string & path);

} // namespace reprise
