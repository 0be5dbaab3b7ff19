#!/usr/bin/env bash
# Compiles our CUDA kernels (cpp/device/*.cu) for every kind of device, warnings as errors, and llama.cpp's CUDA
# backend with our patches, its main unit, against declarations of cuBLAS. Needs nvcc and no GPU; links nothing.
#   scripts/gpu/compile.sh            both
#   scripts/gpu/compile.sh kernels    our kernels alone
set -euo pipefail
cd "$(dirname "$0")/../.."

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# Signs of a device: the first of its generation (Turing, Ampere, Hopper); and PTX, for those that are yet to come.
targets=(
    -gencode=arch=compute_75,code=sm_75
    -gencode=arch=compute_80,code=sm_80
    -gencode=arch=compute_90,code=sm_90
    -gencode=arch=compute_90,code=compute_90
)
kernels=0
for source in cpp/device/*.cu; do
    nvcc -std=c++17 -O3 -fmad=false -Icpp -DREPRISE_HAS_CUDA "${targets[@]}" --threads 2 \
        -Werror all-warnings -Xcompiler -Wall,-Wextra,-Werror -c "$source" -o "$out/kernel.o"
    kernels=$((kernels + 1))
done
echo "compiled $kernels of our .cu files for sm_75, sm_80, sm_90 and as PTX"

if [ "${1:-}" != kernels ]; then
    llama=$(node scripts/fetch-llama.mjs)
    # The stub comes last, so that a real header is used where there is one.
    nvcc -std=c++17 -O1 -use_fast_math -extended-lambda -arch=sm_75 -w -Xcompiler -fPIC \
        -I"$llama/ggml/include" -I"$llama/ggml/src" -DGGML_CUDA_NO_VMM -DGGML_CUDA_USE_GRAPHS \
        -DGGML_SCHED_MAX_COPIES=4 -isystem scripts/gpu/stub \
        -c "$llama/ggml/src/ggml-cuda/ggml-cuda.cu" -o "$out/ggml-cuda.o"
    echo "compiled ggml-cuda.cu with the patches for sm_75"
fi
