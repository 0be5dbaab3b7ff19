#include "engine/vector_units.h"

#include <cstdint>

#include "ggml-cpu.h"

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>
#endif

namespace reprise {

namespace {

struct Unit {
    const char * name;
    bool used;
    bool there;
};

/// The units that this platform tells of.
std::vector<Unit> units() {
#if defined(REPRISE_CPU_VARIANTS)
    return {}; // A variant that lacks any of its units is not chosen.
#elif defined(_WIN32) && defined(_M_X64)
    constexpr DWORD avx = 39, avx2 = 40; // Older headers lack the names PF_AVX…_INSTRUCTIONS_AVAILABLE.
    return {{"AVX", ggml_cpu_has_avx() != 0, IsProcessorFeaturePresent(avx) != 0},
            {"AVX2", ggml_cpu_has_avx2() != 0, IsProcessorFeaturePresent(avx2) != 0}};
#elif defined(__x86_64__) && !defined(_WIN32)
    __builtin_cpu_init();
    return {{"AVX", ggml_cpu_has_avx() != 0, __builtin_cpu_supports("avx") != 0},
            {"AVX2", ggml_cpu_has_avx2() != 0, __builtin_cpu_supports("avx2") != 0},
            {"FMA", ggml_cpu_has_fma() != 0, __builtin_cpu_supports("fma") != 0},
            {"AVX512F", ggml_cpu_has_avx512() != 0, __builtin_cpu_supports("avx512f") != 0}};
#elif defined(__aarch64__) && defined(__linux__)
    constexpr unsigned long dot_products = 1UL << 20; // HWCAP_ASIMDDP
    return {{"DOTPROD", ggml_cpu_has_dotprod() != 0, (getauxval(AT_HWCAP) & dot_products) != 0}};
#elif defined(__aarch64__) && defined(__APPLE__)
    int32_t there = 0;
    size_t size = sizeof there;
    if (sysctlbyname("hw.optional.arm.FEAT_DotProd", &there, &size, nullptr, 0) != 0) return {};
    return {{"DOTPROD", ggml_cpu_has_dotprod() != 0, there != 0}};
#else
    return {};
#endif
}

} // namespace

VectorUnits vector_units() {
    VectorUnits found;
    for (const Unit & unit : units()) {
        if (unit.there && !unit.used) found.unused.push_back(unit.name);
        if (unit.used && !unit.there) found.missing.push_back(unit.name);
    }
    // What AVX-512 adds is little beside what the others do: binaries that travel are built without it.
    if (found.unused == std::vector<std::string>{"AVX512F"}) found.unused.clear();
    return found;
}

} // namespace reprise
