#include "engine/host_memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

#if defined(_WIN32)
#ifndef NOMINMAX // MinGW's C++ library defines it
#define NOMINMAX
#endif
#include <windows.h>
#elif defined(__APPLE__)
#include <mach/mach.h>
#endif

#include "engine/error.h"

namespace reprise {

#if defined(_WIN32)

double available_host_memory() {
    MEMORYSTATUSEX status;
    status.dwLength = sizeof status;
    return GlobalMemoryStatusEx(&status) ? static_cast<double>(status.ullAvailPhys) : 0;
}

#elif defined(__APPLE__)

double available_host_memory() {
    vm_statistics64_data_t statistics;
    mach_msg_type_number_t count = HOST_VM_INFO64_COUNT;
    if (host_statistics64(mach_host_self(), HOST_VM_INFO64, reinterpret_cast<host_info64_t>(&statistics),
                          &count) != KERN_SUCCESS)
        return 0;
    return static_cast<double>(statistics.free_count + statistics.inactive_count) * vm_page_size;
}

#else

namespace {
double read_number(const char * path) {
    std::ifstream file(path);
    double value = 0;
    return file >> value ? value : std::numeric_limits<double>::infinity();
}

double memory_info_available() {
    std::ifstream file("/proc/meminfo");
    std::string key;
    double kibibytes = 0;
    std::string unit;
    while (file >> key >> kibibytes) {
        std::getline(file, unit);
        if (key == "MemAvailable:") return kibibytes * 1024;
    }
    return 0;
}
} // namespace

double available_host_memory() {
    const double group =
        read_number("/sys/fs/cgroup/memory.max") - read_number("/sys/fs/cgroup/memory.current");
    const double host = memory_info_available();
    return group == group ? std::min(host, std::max(group, 0.0))
                          : host; // Without a limit the difference is no number.
}

#endif

namespace {
/// The rest is for what the process allocates later and the system counts late: the compute buffers, and
/// files that are mapped.
constexpr double usable_share_of_memory = 0.9;
/// What llama.cpp notes of a cell in up to two caches: its position, its shift, and a bit for each sequence
/// that it may belong to (src/llama-kv-cells.h).
constexpr double record_bytes_per_token = 100;

std::string megabytes(double bytes) {
    return std::to_string(static_cast<int64_t>(bytes / (1024 * 1024))) + " MiB";
}
} // namespace

void require_memory_for_tokens(int context_length, double bytes_per_token) {
    const double needed = context_length * (bytes_per_token + record_bytes_per_token);
    const double available = available_host_memory();
    if (available <= 0 || needed <= usable_share_of_memory * available) return;
    throw Error(ErrorCode::out_of_memory,
                "A contextLength of " + std::to_string(context_length) + " tokens needs about " +
                    megabytes(needed) + " of memory for its cache, but " + megabytes(available) +
                    " are available; lower contextLength or choose a smaller keyType and valueType");
}

} // namespace reprise
