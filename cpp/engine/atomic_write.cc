#include "engine/atomic_write.h"

#include <algorithm>
#include <cerrno>
#include <random>
#include <string_view>
#include <system_error>

#ifdef _WIN32
#include <fstream>
#else
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "engine/error.h"
#include "engine/file_descriptor.h"
#include "engine/file_path.h"

namespace reprise {

namespace fs = std::filesystem;

namespace {

/// The path of a file that `target` may be replaced by: `target`, a number and ".part".
fs::path new_part(const fs::path & target) {
    fs::path part = target;
    part += std::to_string(std::random_device()());
    part += ".part";
    return part;
}

bool is_part_of(const fs::path & target, const fs::path & path) {
    const fs::path ending = ".part";
    std::basic_string_view<fs::path::value_type> name = path.native();
    if (!name.starts_with(target.native()) || !name.ends_with(ending.native())) return false;
    name.remove_prefix(target.native().size());
    if (name.size() <= ending.native().size()) return false;
    name.remove_suffix(ending.native().size());
    return std::ranges::all_of(name, [](auto unit) { return unit >= '0' && unit <= '9'; });
}

#ifdef _WIN32

/// A new file, which is removed with this object unless it was moved.
class Part {
public:
    explicit Part(const fs::path & target)
        : path_(new_part(target)), file_(path_, std::ios::binary | std::ios::trunc) {}
    ~Part() {
        std::error_code ignored;
        file_.close();
        fs::remove(path_, ignored);
    }
    /// Whether all of it is written. The folder that the file lies in says who can read it.
    bool write(std::span<const std::span<const std::byte>> parts, const fs::path &) {
        for (const auto & bytes : parts)
            file_.write(reinterpret_cast<const char *>(bytes.data()),
                        static_cast<std::streamsize>(bytes.size()));
        file_.close();
        return static_cast<bool>(file_);
    }
    std::error_code move_to(const fs::path & target) {
        std::error_code failed;
        fs::rename(path_, target, failed);
        return failed;
    }

private:
    fs::path path_;
    std::ofstream file_;
};

/// Windows does not remove a file that its writer still has open.
void remove_abandoned(const fs::path & part) {
    std::error_code ignored;
    fs::remove(part, ignored);
}

#else

bool write_all(int file, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes = bytes.subspan(static_cast<size_t>(written));
    }
    return true;
}

bool lock(int file, int how) {
    int failed;
    do failed = flock(file, LOCK_EX | how);
    while (failed != 0 && errno == EINTR);
    return failed == 0;
}

/// A new file, which is removed with this object unless it was moved. It is locked for as long as its process
/// lives, and other processes tell by the lock that it is not abandoned.
class Part {
public:
    explicit Part(const fs::path & target) : path_(new_part(target)), file_{create()} {}
    ~Part() {
        if (file_.number >= 0 && !moved_) unlink(path_.c_str());
    }
    /// Whether all of it is on the disk. Whoever can read `target` can read it; where there is no `target`,
    /// the user alone can.
    bool write(std::span<const std::span<const std::byte>> parts, const fs::path & target) {
        if (file_.number < 0) return false;
        struct stat status;
        if (stat(target.c_str(), &status) == 0 && fchmod(file_.number, status.st_mode & 0777) != 0)
            return false;
        for (const auto & bytes : parts)
            if (!write_all(file_.number, bytes)) return false;
        // Without it a power cut could leave the name with an empty file.
        return fsync(file_.number) == 0;
    }
    std::error_code move_to(const fs::path & target) {
        std::error_code failed;
        fs::rename(path_, target, failed);
        moved_ = !failed;
        return failed;
    }

private:
    int create() const {
        for (;;) {
            const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
            // Where the file system has no locks, abandoned files cannot be told from others, and none is
            // removed.
            struct stat status;
            if (file < 0 || !lock(file, 0) || fstat(file, &status) != 0 || status.st_nlink > 0) return file;
            close(file); // Another process took it for an abandoned one and removed it before it was locked.
        }
    }

    const fs::path path_;
    const FileDescriptor file_;
    bool moved_ = false;
};

void remove_abandoned(const fs::path & part) {
    const FileDescriptor file{::open(part.c_str(), O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)};
    if (file.number >= 0 && lock(file.number, LOCK_NB)) unlink(part.c_str());
}

#endif

} // namespace

void remove_abandoned_parts(const fs::path & target) {
    const fs::path folder = target.parent_path();
    std::error_code failed;
    fs::directory_iterator entries(folder.empty() ? "." : folder, failed);
    for (; !failed && entries != fs::directory_iterator(); entries.increment(failed)) {
        std::error_code unknown;
        if (is_part_of(target.filename(), entries->path().filename()) &&
            fs::is_regular_file(entries->symlink_status(unknown)))
            remove_abandoned(entries->path());
    }
}

void write_file_atomically(const std::string & path, const std::string & what,
                           std::span<const std::span<const std::byte>> parts) {
    require_regular_file(path);
    const fs::path target = follow_links(path);
    remove_abandoned_parts(target);
    Part part(target);
    if (!part.write(parts, target))
        throw Error(ErrorCode::state_io, "Could not write " + what + " to " + path +
                                             "; check that the folder exists, can be written and has room");
    if (const std::error_code failed = part.move_to(target))
        throw Error(ErrorCode::state_io, "Could not move " + what + " to " + path + ": " + failed.message());
}

} // namespace reprise
