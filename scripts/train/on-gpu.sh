#!/usr/bin/env bash
# Trains the larger embedded model, and a small one of the same vocabulary that drafts for it, on a machine with a GPU
# that has PyTorch, but neither Node nor a network: scripts/gpu/pack.mjs packs what it needs into .gpu.
#
#   scripts/train/on-gpu.sh [--out DIR] [--minutes N] [--processes N] [--chats N]
#
# --out: where the weights go (default: build/train/gpu), in pieces of 15 MB: "cat NAME-checkpoint.pt.*" gives what
# convert.py reads. --minutes: of training (default: 7; chats take one and a half before it on 16 cores). --processes:
# that generate and encode (default: all cores), --chats of each (default: 130000).
set -euo pipefail
cd "$(dirname "$0")/../.."

out=build/train/gpu
minutes=7
processes=$(nproc)
chats=130000
while [ $# -gt 0 ]; do
    case "$1" in
        --out | --minutes | --processes | --chats) declare "${1#--}=${2:?$1 wants a value}" && shift 2 ;;
        *) echo "on-gpu.sh: unknown option '$1'" >&2 && exit 2 ;;
    esac
done
work=$PWD/build/train
mkdir -p "$out" "$work"
node=$work/node
if [ ! -x "$node" ]; then xz -dkc .gpu/node-*.xz >"$node" && chmod +x "$node"; fi

started=$SECONDS
chats_of() {
    "$node" .gpu/js/generate.mjs --seed "$1" --chats "$chats" --out "$work/chats-$1.jsonl"
    python3 scripts/train/encode.py --chats "$work/chats-$1.jsonl" --vocabulary .gpu/vocabulary.json \
        --out "$work/chats-$1.npz"
    rm "$work/chats-$1.jsonl"
}
waited=()
for ((i = 1; i <= processes; i++)); do
    chats_of "$i" >"$work/chats-$i.log" 2>&1 &
    waited+=($!)
done
for one in "${waited[@]}"; do wait "$one" || { cat "$work"/chats-*.log >&2; exit 1; }; done
cat "$work"/chats-*.log
echo "== chats: $((SECONDS - started)) s"

train() {
    local name=$1
    shift
    python3 -u scripts/train/train.py --data "$work"/chats-*.npz --out "$work/$name" --steps 1000000 \
        --minutes "$minutes" --batch-tokens 65536 --lr 0.005 --adam-lr 0.003 --warmup 100 --decay 0.5 "$@" \
        >"$out/$name.log" 2>&1
}
train reprise-10m --width 320 --layers 8 --heads 6 --key-heads 2 --hidden 896 &
large=$!
train reprise-draft --width 128 --layers 2 --heads 4 --key-heads 2 --hidden 256 &
small=$!
failed=
wait $large || failed=1
wait $small || failed=1
tail -n 3 "$out"/*.log
[ -z "$failed" ] || exit 1

python3 - "$work" "$out" <<'PYTHON'
import sys

import torch

work, out = sys.argv[1:]
for name in ("reprise-10m", "reprise-draft"):
    weights = torch.load(f"{work}/{name}/model.pt", map_location="cpu")
    torch.save({"model": {key: value.half() for key, value in weights.items()}}, f"{work}/{name}.pt")
PYTHON
for name in reprise-10m reprise-draft; do
    split -b 15M "$work/$name.pt" "$out/$name-checkpoint.pt."
    cp "$work/$name/shape.json" "$out/$name-shape.json"
done
echo "== trained: $((SECONDS - started)) s"
