#include "engine/mapped_file.h"

#ifdef _WIN32
#include <filesystem>
#include <fstream>
#else
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#endif

#include "engine/error.h"
#include "engine/file_descriptor.h"
#include "engine/file_path.h"

namespace reprise {

namespace {

Error not_opened(const std::string & path) {
    return Error(ErrorCode::state_io,
                 "Could not read " + path + "; check that it is a file that can be read");
}

} // namespace

#ifdef _WIN32

// Windows does not replace a file while it is mapped, so its bytes are copied.
std::shared_ptr<const MappedFile> MappedFile::open(const std::string & path) {
    require_regular_file(path);
    std::ifstream file(std::filesystem::u8path(path), std::ios::binary | std::ios::ate);
    std::shared_ptr<MappedFile> opened(new MappedFile);
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

MappedFile::~MappedFile() = default;

#else

std::shared_ptr<const MappedFile> MappedFile::open(const std::string & path) {
    // Opening a pipe waits for its other end, and opening a device may do anything.
    require_regular_file(path);
    const FileDescriptor file{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    struct stat status;
    if (file.number < 0 || fstat(file.number, &status) != 0 || !S_ISREG(status.st_mode))
        throw not_opened(path);
    std::shared_ptr<MappedFile> opened(new MappedFile);
    const auto size = static_cast<size_t>(status.st_size);
    if (size == 0) return opened;
    void * const data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
    if (data == MAP_FAILED) throw not_opened(path);
    opened->bytes_ = {static_cast<const std::byte *>(data), size};
    return opened;
}

MappedFile::~MappedFile() {
    if (!bytes_.empty()) munmap(const_cast<std::byte *>(bytes_.data()), bytes_.size());
}

#endif

} // namespace reprise
