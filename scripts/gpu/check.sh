#!/usr/bin/env bash
# Checks and measures the CUDA path on a machine with a GPU, without network and without Node: builds what
# scripts/gpu/pack.mjs has packed into .gpu, compares, measures, prints a table and writes JSON. Each stage takes less
# than ten minutes on 16 cores and finds what the one before has left in build/gpu.
#
#   scripts/gpu/check.sh [--out DIR] [--cpu] [STAGE …]
#
#   probe    what the machine has; fails where something is missing
#   build    the addon and the native tests; leaves objects for the next check's .gpu
#   correct  kernels against their twins, also under compute-sanitizer; texts with and without device logits
#   time     what passes cost, tokens a second, matching
#
# Without a STAGE all of them run, one after another. --out: where results go (default: build/gpu-check). --cpu: the same
# without a GPU and with small models, which checks this script and measures nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."

out=build/gpu-check
cpu=
stages=()
while [ $# -gt 0 ]; do
    case "$1" in
        --out) out=${2:?--out wants a folder} && shift ;;
        --cpu) cpu=1 ;;
        probe | build | correct | time) stages+=("$1") ;;
        *) echo "check.sh: expected --out DIR, --cpu or a stage, but received '$1'" >&2 && exit 2 ;;
    esac
    shift
done
[ ${#stages[@]} -gt 0 ] || stages=(probe build correct time)
mkdir -p "$out"
[ -f .gpu/llama.cpp.tar.xz ] || { echo 'check.sh: .gpu is empty: run "node scripts/gpu/pack.mjs" first' >&2; exit 1; }

work=$PWD/build/gpu
node=$work/node
export LLAMA_CPP_DIR=$work/llama.cpp
export REPRISE_OBJECTS=$work/objects
tests=$work/cmake/reprise-tests

# A toolkit that pip installed holds cuBLAS apart from nvcc. CMake wants bin, include and lib64 in one folder.
toolkit() {
    local nvcc header library folder=$work/toolkit
    nvcc=$(readlink -f "$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)")
    header=$(find / -name cublas_v2.h -not -path '*/gpu/stub/*' 2>/dev/null | head -1)
    library=$(find / \( -name 'libcublas.so' -o -name 'libcublas.so.1[0-9]' \) 2>/dev/null | head -1)
    if [ -z "$header" ] || [ -z "$library" ]; then
        echo 'check.sh: found no cublas_v2.h or no libcublas.so; install cuBLAS' >&2
        return 1
    fi
    local home
    home=$(dirname "$(dirname "$nvcc")")
    if [ -f "$home/include/cublas_v2.h" ]; then echo "$home" && return; fi
    mkdir -p "$folder/lib64"
    ln -sfn "$home/bin" "$folder/bin"
    ln -sfn "$home/nvvm" "$folder/nvvm"
    cp -rsf "$home/include" "$folder/"
    cp -rsf "$(dirname "$header")/." "$folder/include/"
    local at
    for at in "$home"/lib64/* "$home"/lib/* "$(dirname "$library")"/*.so*; do
        [ -e "$at" ] && ln -sf "$at" "$folder/lib64/"
    done
    for at in "$folder"/lib64/*.so.[0-9]*; do # pip leaves out the names that linkers look for
        ln -sfn "$at" "${at%%.so.*}.so"
    done
    echo "$folder"
}

unpack() {
    mkdir -p "$work/conversations"
    if [ ! -x "$node" ]; then xz -dkc .gpu/node-*.xz >"$node.new" && chmod +x "$node.new" && mv "$node.new" "$node"; fi
    if [ ! -d "$LLAMA_CPP_DIR" ]; then
        mkdir -p "$LLAMA_CPP_DIR.new"
        tar -xJf .gpu/llama.cpp.tar.xz -C "$LLAMA_CPP_DIR.new"
        mv "$LLAMA_CPP_DIR.new" "$LLAMA_CPP_DIR"
    fi
    xz -dkc .gpu/vocabulary.gguf.xz >"$work/vocabulary.gguf"
    local packed
    for packed in .gpu/conversations/*.xz; do
        [ -e "$packed" ] || continue
        xz -dkc "$packed" >"$work/conversations/$(basename "${packed%.xz}")"
    done
    if [ ! -d "$REPRISE_OBJECTS" ] && compgen -G '.gpu/objects-*' >/dev/null; then
        mkdir -p "$REPRISE_OBJECTS"
        cat .gpu/objects-* | tar -xJf - -C "$REPRISE_OBJECTS"
    fi
}

probe() {
    date -u
    nproc
    df -h . | tail -1
    g++ --version | head -1
    cmake --version | head -1
    ninja --version
    unpack
    "$node" --version
    if [ -n "$cpu" ]; then return; fi
    nvidia-smi
    "$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)" --version | tail -2
    echo "toolkit with cuBLAS: $(toolkit)"
    compute-sanitizer --version | head -1 || echo 'compute-sanitizer: not found, so its stage is left out'
}

build() {
    unpack
    local flags=(
        -G Ninja -DCMAKE_BUILD_TYPE=Release "-DLLAMA_CPP_DIR=$LLAMA_CPP_DIR"
        -DCMAKE_JS_VERSION=8 "-DCMAKE_JS_INC=$PWD/.gpu/include" "-DDOCTEST_INCLUDE=$PWD/.gpu/include"
        -DREPRISE_TESTS=ON -DREPRISE_BENCH=ON -DGGML_NATIVE=ON -DGGML_RPC=ON
    )
    if [ -z "$cpu" ]; then
        local home
        home=$(toolkit)
        REPRISE_OBJECTS_OF=$(cd "$LLAMA_CPP_DIR/ggml" && find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum)
        export REPRISE_OBJECTS_OF CUDACXX=$home/bin/nvcc
        # The kernels that users get: only types of the cache that are measured are left out.
        flags+=(
            -DGGML_CUDA=ON "-DCUDAToolkit_ROOT=$home" -DCMAKE_CUDA_ARCHITECTURES=native -DGGML_CUDA_FA_QUANTS=f16-f16
            -DGGML_CUDA_NCCL=OFF -DGGML_CUDA_COMPRESSION_MODE=none
            "-DCMAKE_CUDA_COMPILER_LAUNCHER=$PWD/scripts/gpu/cached-compile.sh"
        )
    fi
    cmake -S . -B "$work/cmake" "${flags[@]}"
    cmake --build "$work/cmake" --parallel "$(nproc)" --target reprise reprise-tests reprise-pass-cost reprise-matching
    mkdir -p build/Release
    find "$work/cmake" -name reprise.node -exec cp {} build/Release/ \;
    # A machine that is lent gives back files of some 16 MiB.
    if [ -d "$REPRISE_OBJECTS" ] && ! compgen -G '.gpu/objects-*' >/dev/null; then
        tar -C "$REPRISE_OBJECTS" -cf - . | xz -T0 -3 | split -b 15M - "$out/objects-"
    fi
}

# So that the addon and the tests find cuBLAS.
with_libraries() {
    if [ -n "$cpu" ]; then "$@"; return; fi
    local home
    home=$(toolkit)
    LD_LIBRARY_PATH=$home/lib64:$home/lib:${LD_LIBRARY_PATH:-} "$@"
}

check() {
    with_libraries "$node" .gpu/js/check.mjs "$@" --out "$out" --work "$work" ${cpu:+--cpu}
}

# All of it is tried, whatever fails.
correct() {
    local failed=
    with_libraries "$tests" --test-case='cuda*,row scan*,matching on a device*' || failed=1
    if [ -z "$cpu" ] && command -v compute-sanitizer >/dev/null; then
        local tool
        for tool in memcheck racecheck; do
            REPRISE_DEVICE_CASES=0.1 with_libraries compute-sanitizer --tool "$tool" --error-exitcode 1 \
                "$tests" --test-case='cuda*' || failed=1
        done
    fi
    check correct || failed=1
    [ -z "$failed" ]
}

time_it() {
    check time
    with_libraries "$work/cmake/reprise-matching" "$([ -n "$cpu" ] && echo 1e4 || echo 1e4,1e5,1e6,1e7,1e8)" \
        >"$out/matching.json"
    check matching
}

for stage in "${stages[@]}"; do
    echo "== $stage"
    started=$SECONDS
    if [ "$stage" = time ]; then time_it; else "$stage"; fi
    echo "== $stage: $((SECONDS - started)) s"
done
