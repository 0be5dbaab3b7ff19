"""Writes a trained head as a GGUF of llama.cpp's architecture dflash, which drafts for the target beside it.

It follows src/models/dflash.cpp. The vocabulary is the target's, and so are the embedding and the output matrix, which
are not in the file.
"""
import argparse

from target import Target  # first: it says where the others are

from convert import finish, gguf
from convert_head import add_sizes, add_weights, copy_vocabulary, weights_of
from dflash import load_head

WHOLE = {"mix": "fc", "mix_norm": "enc.output_norm", "norm": "output_norm"}
LAYER = {
    "attention_norm": "attn_norm",
    "query": "attn_q",
    "key": "attn_k",
    "value": "attn_v",
    "output": "attn_output",
    "query_norm": "attn_q_norm",
    "key_norm": "attn_k_norm",
    "hidden_norm": "ffn_norm",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", default="models/reprise-2m.gguf")
    parser.add_argument("--run", default="build/train/dflash", help="the trainer's output folder")
    parser.add_argument("--out", default="build/train/dflash.gguf")
    options = parser.parse_args()
    reader = gguf.GGUFReader(options.target)
    target = Target(options.target)
    head = load_head(options.run, target)
    writer = gguf.GGUFWriter(options.out, "dflash")
    add_sizes(writer, reader, options.target, "DFlash", target.shape, layers=len(head.own))
    writer.add_target_layers(head.layers)
    writer.add_block_size(head.block)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    copy_vocabulary(writer, reader)
    writer.add_mask_token_id(head.mask)

    weights = weights_of(head)
    names = dict(WHOLE)
    for layer in range(len(head.own)):
        names.update((f"own.{layer}.{ours}", f"blk.{layer}.{theirs}") for ours, theirs in LAYER.items())
    add_weights(writer, weights, names)
    finish(writer, options.out)


if __name__ == "__main__":
    main()
