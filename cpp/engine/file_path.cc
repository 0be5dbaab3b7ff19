#include "engine/file_path.h"

#include <system_error>

#include "engine/error.h"

namespace reprise {

namespace fs = std::filesystem;

const char * irregular_kind(const fs::path & path) {
    std::error_code unknown;
    switch (fs::status(path, unknown).type()) {
    case fs::file_type::directory:
        return "a directory";
    case fs::file_type::fifo:
        return "a pipe";
    case fs::file_type::socket:
        return "a socket";
    case fs::file_type::block:
    case fs::file_type::character:
        return "a device";
    default:
        return nullptr;
    }
}

void require_regular_file(const std::string & path) {
    if (const char * kind = irregular_kind(fs::u8path(path)))
        throw Error(ErrorCode::state_io, path + " is " + kind + "; pass the path of a file");
}

fs::path follow_links(const std::string & given) {
    fs::path path = fs::u8path(given);
    constexpr int max_links = 40; // Linux follows as many.
    for (int links = 0; links <= max_links; ++links) {
        std::error_code failed;
        if (!fs::is_symlink(fs::symlink_status(path, failed))) return path;
        const fs::path target = fs::read_symlink(path, failed);
        if (failed) return path;
        path = target.is_absolute() ? target : path.parent_path() / target;
    }
    throw Error(ErrorCode::state_io, given + " is a link that leads to itself; pass the path of a file");
}

} // namespace reprise
