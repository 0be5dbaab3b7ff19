#include "engine/files.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <random>

#ifndef _WIN32
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "engine/error.h"

namespace reprise {

namespace {

Error not_opened(const std::string & path) {
    return Error("STATE_IO", "Could not read " + path + "; check that it is a file that can be read");
}

#ifndef _WIN32
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
#endif

/// A new file at `part`, on the disk when this returns true. Only the user can read it, or whoever can read
/// `target`, where there is one.
bool write_part(const std::filesystem::path & part, const std::filesystem::path & target,
                std::span<const std::span<const std::byte>> parts) {
#ifdef _WIN32
    (void)target; // its folder says who can read it
    std::ofstream file(part, std::ios::binary | std::ios::trunc);
    for (const auto & bytes : parts)
        file.write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    file.close();
    return static_cast<bool>(file);
#else
    const Descriptor file{::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (file.number < 0) return false;
    struct stat status;
    if (stat(target.c_str(), &status) == 0 && fchmod(file.number, status.st_mode & 0777) != 0) return false;
    for (const auto & bytes : parts)
        if (!write_all(file.number, bytes)) return false;
    // Else a power cut could leave the name with an empty file.
    return fsync(file.number) == 0;
#endif
}

} // namespace

#ifdef _WIN32

// A mapped file could not be replaced while it is in use.
std::shared_ptr<const FileBytes> FileBytes::open(const std::string & path) {
    std::ifstream file(std::filesystem::u8path(path), std::ios::binary | std::ios::ate);
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
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
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
    const auto target = std::filesystem::u8path(path);
    auto part = target;
    part += std::to_string(std::random_device()());
    part += ".part";
    std::error_code failed;
    if (!write_part(part, target, parts)) {
        std::filesystem::remove(part, failed);
        throw Error("STATE_IO", "Could not write " + what + " to " + path +
                                    "; check that the folder exists, can be written and has room");
    }
    std::filesystem::rename(part, target, failed);
    if (!failed) return;
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    throw Error("STATE_IO", "Could not move " + what + " to " + path + ": " + failed.message());
}

} // namespace reprise
