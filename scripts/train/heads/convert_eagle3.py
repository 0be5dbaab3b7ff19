"""Writes a trained head as a GGUF of llama.cpp's architecture eagle3, which drafts for the target beside it.

It follows src/models/eagle3.cpp. The vocabulary is the target's, and so are the embedding and the output matrix, which
are not in the file.
"""
import argparse

from target import Target  # first: it says where the others are

from convert import finish, gguf, interleaved
from convert_head import add_sizes, add_weights, copy_vocabulary, weights_of
from eagle3 import load_head

WHOLE = {"mix": "fc", "norm": "output_norm"}
LAYER = {
    "token_norm": "attn_norm",
    "state_norm": "attn_norm_2",
    "query": "attn_q",
    "key": "attn_k",
    "value": "attn_v",
    "output": "attn_output",
    "hidden_norm": "ffn_norm",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", default="models/reprise-2m.gguf")
    parser.add_argument("--run", default="build/train/eagle3", help="the trainer's output folder")
    parser.add_argument("--out", default="build/train/eagle3.gguf")
    options = parser.parse_args()
    reader = gguf.GGUFReader(options.target)
    target = Target(options.target)
    head = load_head(options.run, target)
    writer = gguf.GGUFWriter(options.out, "eagle3")
    add_sizes(writer, reader, options.target, "EAGLE-3", target.shape, layers=1)
    writer.add_target_layers(head.layers)
    writer.add_target_hidden_size(target.shape.width)
    writer.add_norm_before_residual(False)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    copy_vocabulary(writer, reader)

    weights = weights_of(head)
    weights["query.weight"] = interleaved(weights["query.weight"], target.shape.heads)
    weights["key.weight"] = interleaved(weights["key.weight"], target.shape.key_heads)
    names = {**WHOLE, **{ours: f"blk.0.{theirs}" for ours, theirs in LAYER.items()}}
    add_weights(writer, weights, names)
    finish(writer, options.out)


if __name__ == "__main__":
    main()
