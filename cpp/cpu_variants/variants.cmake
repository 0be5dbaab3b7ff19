# The variants of ggml's CPU backend that one addon holds, each compiled for a kind of processor; the best that runs is
# chosen when the addon is loaded. ggml's CMakeLists.txt includes this file in place of its one CPU backend.
#
# Variants have the same symbols, and, worse, the same inline functions of C++ libraries, of which a linker keeps one:
# it might be one that this processor cannot run. So each variant is linked into one object first, in which all its
# symbols are local, but for the few that cpu_variants.cc calls by the variant's name.

set(REPRISE_CPU_VARIANT_SYMBOLS ggml_backend_cpu_reg ggml_get_type_traits_cpu ggml_threadpool_new ggml_threadpool_free)
set(REPRISE_CPU_VARIANT_OBJECTS "")
set(REPRISE_CPU_VARIANT_LIST "")

# From the best to the least. `ARGN`: what the processor needs, in ggml's names.
macro(reprise_add_cpu_variant tag)
    ggml_add_cpu_backend_variant(${tag} ${ARGN})
    if("${tag}" STREQUAL "sapphirerapids")
        # Measured: 5 % of a prompt and of decoding. For the others nothing was measured.
        target_compile_options(ggml-cpu-${tag} PRIVATE -mtune=${tag})
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # Variables in inline functions would be unique in the process, and could not be made local.
        target_compile_options(ggml-cpu-${tag} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique>)
    endif()
    set(object "${CMAKE_BINARY_DIR}/ggml-cpu-${tag}.o")
    set(symbols "")
    foreach(symbol ${REPRISE_CPU_VARIANT_SYMBOLS})
        list(APPEND symbols --redefine-sym ${symbol}=${symbol}_${tag} --keep-global-symbol=${symbol}_${tag})
    endforeach()
    add_custom_command(
        OUTPUT "${object}"
        COMMAND ${CMAKE_CXX_COMPILER} -r -nostdlib -Wl,--force-group-allocation
                -Wl,--whole-archive "$<TARGET_FILE:ggml-cpu-${tag}>" -o "${object}.linked"
        COMMAND ${CMAKE_OBJCOPY} ${symbols} "${object}.linked" "${object}"
        COMMAND ${CMAKE_COMMAND} -E rm "${object}.linked"
        DEPENDS ggml-cpu-${tag}
        VERBATIM)
    set_property(GLOBAL APPEND PROPERTY REPRISE_CPU_BACKENDS ggml-cpu-${tag})
    list(APPEND REPRISE_CPU_VARIANT_OBJECTS "${object}")
    set(needs ${ARGN})
    list(TRANSFORM needs REPLACE "(.+)" "needs(\\1)")
    list(JOIN needs " && " needs)
    if(NOT needs)
        set(needs true)
    endif()
    string(APPEND REPRISE_CPU_VARIANT_LIST "REPRISE_CPU_VARIANT(${tag}, ${needs})\n")
endmacro()

if(GGML_SYSTEM_ARCH STREQUAL "x86")
    set(avx2 SSE42 AVX F16C FMA AVX2 BMI2)
    reprise_add_cpu_variant(sapphirerapids ${avx2} AVX512 AVX512_VBMI AVX512_VNNI AVX512_BF16 AMX_TILE AMX_INT8)
    reprise_add_cpu_variant(zen4 ${avx2} AVX512 AVX512_VBMI AVX512_VNNI AVX512_BF16)
    reprise_add_cpu_variant(cascadelake ${avx2} AVX512 AVX512_VNNI)
    reprise_add_cpu_variant(skylakex ${avx2} AVX512)
    reprise_add_cpu_variant(alderlake ${avx2} AVX_VNNI)
    reprise_add_cpu_variant(haswell ${avx2})
    reprise_add_cpu_variant(sandybridge SSE42 AVX)
    reprise_add_cpu_variant(sse42 SSE42)
    reprise_add_cpu_variant(x64)
elseif(GGML_SYSTEM_ARCH STREQUAL "ARM")
    set(GGML_CPU_ALL_VARIANTS ON) # ggml's functions ask for it before they look at what a variant needs
    reprise_add_cpu_variant(armv8_6 DOTPROD FP16_VECTOR_ARITHMETIC MATMUL_INT8)
    reprise_add_cpu_variant(armv8_2 DOTPROD FP16_VECTOR_ARITHMETIC)
    reprise_add_cpu_variant(armv8_0)
else()
    message(FATAL_ERROR "REPRISE_CPU_VARIANTS knows x86 and ARM; build without it on ${GGML_SYSTEM_ARCH}")
endif()

file(GENERATE OUTPUT "${CMAKE_BINARY_DIR}/cpu_variants/cpu_variant_list.h" CONTENT "${REPRISE_CPU_VARIANT_LIST}")
add_library(reprise_cpu_variants STATIC "${CMAKE_CURRENT_LIST_DIR}/cpu_variants.cc" ${REPRISE_CPU_VARIANT_OBJECTS})
set_source_files_properties(${REPRISE_CPU_VARIANT_OBJECTS} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
target_include_directories(reprise_cpu_variants PRIVATE "${CMAKE_CURRENT_LIST_DIR}/.." "${CMAKE_BINARY_DIR}/cpu_variants")
target_link_libraries(reprise_cpu_variants PUBLIC ggml-base)
target_link_libraries(ggml PUBLIC reprise_cpu_variants)
target_compile_definitions(ggml PUBLIC REPRISE_CPU_VARIANTS)
