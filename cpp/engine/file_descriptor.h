#pragma once

#ifndef _WIN32

#include <unistd.h>

namespace reprise {

/// A POSIX file descriptor, which this object closes; a negative number stands for a file that could not be
/// opened.
struct FileDescriptor {
    const int number;

    explicit FileDescriptor(int opened) : number(opened) {}
    ~FileDescriptor() {
        if (number >= 0) close(number);
    }
    FileDescriptor(const FileDescriptor &) = delete;
    FileDescriptor & operator=(const FileDescriptor &) = delete;
};

} // namespace reprise

#endif
