#pragma once

#include <filesystem>
#include <random>
#include <string>

/// A folder that goes, with all that is in it.
class TemporaryFolder {
public:
    TemporaryFolder()
        : path_(std::filesystem::temp_directory_path() /
                ("reprise-" + std::to_string(std::random_device()()))) {
        std::filesystem::create_directory(path_);
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder &) = delete;
    TemporaryFolder & operator=(const TemporaryFolder &) = delete;

    std::string path(const std::string & name = "") const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};
