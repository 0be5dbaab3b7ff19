#!/usr/bin/env bash
# A compiler launcher for CMake that keeps the objects of ggml's CUDA backend in REPRISE_OBJECTS, so that they are
# compiled once and travel to the next machine (scripts/gpu/check.sh). Their key is the command, the compiler's version
# and REPRISE_OBJECTS_OF, which stands for the sources. Everything else is compiled as ever.
set -euo pipefail

source= object= dependencies=
key=()
for ((i = 1; i <= $#; i++)); do
    next=$((i + 1))
    case "${!i}" in
        -o) object=${!next} ;;
        -MF) dependencies=${!next} ;;
        */ggml-cuda/*.cu) source=${!i} ;;
    esac
    # The folders differ from machine to machine.
    key+=("${!i//$PWD/}")
done
if [ -z "${REPRISE_OBJECTS:-}" ] || [ -z "$source" ] || [ -z "$object" ]; then
    exec "$@"
fi

hash=$({ printf '%s\n' "${key[@]//${LLAMA_CPP_DIR:-}/}" "$REPRISE_OBJECTS_OF"; "$1" --version; } | sha256sum)
kept=$REPRISE_OBJECTS/${hash%% *}.o
if [ -f "$kept" ]; then
    cp "$kept" "$object"
    if [ -n "$dependencies" ]; then : >"$dependencies"; fi
    exit
fi
"$@"
mkdir -p "$REPRISE_OBJECTS"
cp "$object" "$kept.$$"
mv "$kept.$$" "$kept"
