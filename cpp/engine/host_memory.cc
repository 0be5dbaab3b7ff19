#include "engine/host_memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

#if defined(_WIN32)
#define NOMINMAX
#include <windows.h>
#elif defined(__APPLE__)
#include <mach/mach.h>
#endif

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

} // namespace reprise
