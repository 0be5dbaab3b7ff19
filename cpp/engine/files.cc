#include "engine/files.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <random>
#include <string_view>

#ifndef _WIN32
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "engine/error.h"

namespace reprise {

namespace fs = std::filesystem;

namespace {

Error not_opened(const std::string & path) {
    return Error(ErrorCode::state_io,
                 "Could not read " + path + "; check that it is a file that can be read");
}

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

/// A new file, which goes with this object unless it was moved.
class Part {
public:
    explicit Part(const fs::path & target)
        : path_(new_part(target)), file_(path_, std::ios::binary | std::ios::trunc) {}
    ~Part() {
        std::error_code ignored;
        file_.close();
        fs::remove(path_, ignored);
    }
    /// The folder of `target` says who can read it.
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

/// A file that its writer has open cannot be removed.
void remove_abandoned(const fs::path & part) {
    std::error_code ignored;
    fs::remove(part, ignored);
}

#else

struct Descriptor {
    int number;
    ~Descriptor() {
        if (number >= 0) close(number);
    }
};

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

/// A new file, which goes with this object unless it was moved. It is locked for as long as its process
/// lives: others tell by that whether it was abandoned.
class Part {
public:
    explicit Part(const fs::path & target) : path_(new_part(target)), file_{create()} {}
    ~Part() {
        if (file_.number >= 0 && !moved_) unlink(path_.c_str());
    }
    /// Whether all of it is on the disk, readable by the user alone, or whoever can read `target`, where
    /// there is one.
    bool write(std::span<const std::span<const std::byte>> parts, const fs::path & target) {
        if (file_.number < 0) return false;
        struct stat status;
        if (stat(target.c_str(), &status) == 0 && fchmod(file_.number, status.st_mode & 0777) != 0)
            return false;
        for (const auto & bytes : parts)
            if (!write_all(file_.number, bytes)) return false;
        // Else a power cut could leave the name with an empty file.
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
            // A file system without locks has no abandoned files that could be told from others either.
            struct stat status;
            if (file < 0 || !lock(file, 0) || fstat(file, &status) != 0 || status.st_nlink > 0) return file;
            close(file); // Another process took it for abandoned before it was locked.
        }
    }

    const fs::path path_;
    const Descriptor file_;
    bool moved_ = false;
};

void remove_abandoned(const fs::path & part) {
    const Descriptor file{::open(part.c_str(), O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)};
    if (file.number >= 0 && lock(file.number, LOCK_NB)) unlink(part.c_str());
}

#endif

} // namespace

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
    constexpr int most_links = 40; // as many as Linux follows
    for (int links = 0; links <= most_links; ++links) {
        std::error_code failed;
        if (!fs::is_symlink(fs::symlink_status(path, failed))) return path;
        const fs::path target = fs::read_symlink(path, failed);
        if (failed) return path;
        path = target.is_absolute() ? target : path.parent_path() / target;
    }
    throw Error(ErrorCode::state_io, given + " is a link that leads to itself; pass the path of a file");
}

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

#ifdef _WIN32

// A mapped file could not be replaced while it is in use.
std::shared_ptr<const FileBytes> FileBytes::open(const std::string & path) {
    require_regular_file(path);
    std::ifstream file(fs::u8path(path), std::ios::binary | std::ios::ate);
    std::shared_ptr<FileBytes> opened(new FileBytes);
    if (file) {
        opened->own_.resize(static_cast<size_t>(file.tellg()));
        file.seekg(0);
        file.read(reinterpret_cast<char *>(opened->own_.data()),
                  static_cast<std::streamsize>(opened->own_.size()));
    }
    if (!file) throw not_opened(path);
    opened->bytes_ = opened->own_;
    return opened;
}

FileBytes::~FileBytes() = default;

#else

std::shared_ptr<const FileBytes> FileBytes::open(const std::string & path) {
    // To open a pipe waits for its other end, and to open a device may do anything.
    require_regular_file(path);
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    struct stat status;
    if (file.number < 0 || fstat(file.number, &status) != 0 || !S_ISREG(status.st_mode))
        throw not_opened(path);
    std::shared_ptr<FileBytes> opened(new FileBytes);
    const auto size = static_cast<size_t>(status.st_size);
    if (size == 0) return opened;
    void * const data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
    if (data == MAP_FAILED) throw not_opened(path);
    opened->bytes_ = {static_cast<const std::byte *>(data), size};
    return opened;
}

FileBytes::~FileBytes() {
    if (!bytes_.empty()) munmap(const_cast<std::byte *>(bytes_.data()), bytes_.size());
}

#endif

void replace_file(const std::string & path, const std::string & what,
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
