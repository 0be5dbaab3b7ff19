#include "cpu_variants/cpu_variants.h"

#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "ggml-backend.h"
#include "ggml-cpu.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

// The generated list has a line for each variant: REPRISE_CPU_VARIANT(haswell, needs(SSE42) && needs(AVX)
// ...).
#define REPRISE_CPU_VARIANT(tag, runs)                                                                       \
    extern "C" ggml_backend_reg_t ggml_backend_cpu_reg_##tag();                                              \
    extern "C" const ggml_type_traits_cpu * ggml_get_type_traits_cpu_##tag(ggml_type);                       \
    extern "C" ggml_threadpool_t ggml_threadpool_new_##tag(ggml_threadpool_params *);                        \
    extern "C" void ggml_threadpool_free_##tag(ggml_threadpool_t);
#include "cpu_variant_list.h"
#undef REPRISE_CPU_VARIANT

namespace reprise {

namespace {

enum Need {
    SSE42,
    AVX,
    F16C,
    FMA,
    AVX2,
    BMI2,
    AVX_VNNI,
    AVX512,
    AVX512_VBMI,
    AVX512_VNNI,
    AVX512_BF16,
    AMX_TILE,
    AMX_INT8,
    DOTPROD,
    FP16_VECTOR_ARITHMETIC,
    MATMUL_INT8,
};

bool needs(Need need) {
#if defined(__x86_64__)
    // The compiler's library asks the operating system, too.
    __builtin_cpu_init();
    switch (need) {
    case SSE42:
        return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
    case AVX:
        return __builtin_cpu_supports("avx");
    case F16C:
        return __builtin_cpu_supports("f16c");
    case FMA:
        return __builtin_cpu_supports("fma");
    case AVX2:
        return __builtin_cpu_supports("avx2");
    case BMI2:
        return __builtin_cpu_supports("bmi2");
    case AVX_VNNI:
        return __builtin_cpu_supports("avxvnni");
    case AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw");
    case AVX512_VBMI:
        return __builtin_cpu_supports("avx512vbmi");
    case AVX512_VNNI:
        return __builtin_cpu_supports("avx512vnni");
    case AVX512_BF16:
        return __builtin_cpu_supports("avx512bf16");
    case AMX_TILE:
        return __builtin_cpu_supports("amx-tile");
    case AMX_INT8:
        return __builtin_cpu_supports("amx-int8");
    default:
        return false;
    }
#elif defined(__aarch64__) && defined(__linux__)
    switch (need) {
    case DOTPROD:
        return (getauxval(AT_HWCAP) & (1UL << 20)) != 0; // HWCAP_ASIMDDP
    case FP16_VECTOR_ARITHMETIC:
        return (getauxval(AT_HWCAP) & (1UL << 10)) != 0; // HWCAP_ASIMDHP
    case MATMUL_INT8:
        return (getauxval(AT_HWCAP2) & (1UL << 13)) != 0; // HWCAP2_I8MM
    default:
        return false;
    }
#else
    return false;
#endif
}

struct Variant {
    const char * name;
    bool runs;
    decltype(&ggml_backend_cpu_reg) reg;
    decltype(&ggml_get_type_traits_cpu) type_traits;
    decltype(&ggml_threadpool_new) threadpool_new;
    decltype(&ggml_threadpool_free) threadpool_free;
};

const std::vector<Variant> & variants() {
#define REPRISE_CPU_VARIANT(tag, runs)                                                                       \
    {#tag,                                                                                                   \
     runs,                                                                                                   \
     ggml_backend_cpu_reg_##tag,                                                                             \
     ggml_get_type_traits_cpu_##tag,                                                                         \
     ggml_threadpool_new_##tag,                                                                              \
     ggml_threadpool_free_##tag},
    static const std::vector<Variant> all = {
#include "cpu_variant_list.h"
    };
#undef REPRISE_CPU_VARIANT
    return all;
}

const Variant & chosen() {
    static const Variant & best = []() -> const Variant & {
        const char * named = std::getenv("REPRISE_CPU_VARIANT");
        std::string names;
        for (const Variant & variant : variants()) {
            if (!variant.runs) continue;
            if (!named || !*named || std::string(named) == variant.name) return variant;
            names += (names.empty() ? "" : ", ") + std::string(variant.name);
        }
        throw std::runtime_error("Expected one of " + names + " for REPRISE_CPU_VARIANT but received \"" +
                                 named + "\"");
    }();
    return best;
}

} // namespace

std::string cpu_variant() {
    return chosen().name;
}

} // namespace reprise

extern "C" {

ggml_backend_reg_t ggml_backend_cpu_reg() {
    return reprise::chosen().reg();
}

const ggml_type_traits_cpu * ggml_get_type_traits_cpu(ggml_type type) {
    return reprise::chosen().type_traits(type);
}

ggml_threadpool_t ggml_threadpool_new(ggml_threadpool_params * params) {
    return reprise::chosen().threadpool_new(params);
}

void ggml_threadpool_free(ggml_threadpool_t pool) {
    reprise::chosen().threadpool_free(pool);
}
}
