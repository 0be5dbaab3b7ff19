"""Writes trained weights as a GGUF of the Llama architecture, with the vocabulary and the chat template."""
import argparse
import json
import os
import subprocess
import sys

import numpy
import torch

from tokenizer import BEGIN, BYTES, SPECIAL, TURN, TURN_END, UNKNOWN, Tokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
LLAMA = subprocess.check_output(["node", os.path.join(HERE, "..", "fetch-llama.mjs")], text=True).strip().splitlines()[-1]
sys.path.insert(0, os.path.join(LLAMA, "gguf-py"))
import gguf  # noqa: E402  (llama.cpp's own package, of the very version that reads the file)

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
PARTS = {
    "attention_norm": "attn_norm",
    "attention.query": "attn_q",
    "attention.key": "attn_k",
    "attention.value": "attn_v",
    "attention.output": "attn_output",
    "hidden_norm": "ffn_norm",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}


def interleaved(weight, heads):
    """Rows of each head reordered so that llama.cpp, which turns neighbouring pairs, turns the halves' pairs."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def add_vocabulary(writer, tokenizer):
    kinds = {UNKNOWN: gguf.TokenType.UNKNOWN}
    kinds.update((piece, gguf.TokenType.CONTROL) for piece in SPECIAL if piece != UNKNOWN)
    kinds.update((piece, gguf.TokenType.BYTE) for piece in BYTES)
    pieces = tokenizer.pieces
    writer.add_tokenizer_model("llama")
    writer.add_token_list([piece.replace(" ", "\u2581").encode() for piece in pieces])
    writer.add_token_scores([tokenizer.score(index) for index in range(len(pieces))])
    writer.add_token_types([kinds.get(piece, gguf.TokenType.NORMAL) for piece in pieces])
    writer.add_bos_token_id(tokenizer.ids[BEGIN])
    writer.add_eos_token_id(tokenizer.ids[TURN_END])
    writer.add_unk_token_id(tokenizer.ids[UNKNOWN])
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE)


def finish(writer, path):
    """Writes what was added to the file at `path`."""
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{path}: {os.path.getsize(path) / 1e6:.2f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", default="build/train/run", help="the trainer's output folder")
    parser.add_argument("--vocabulary", default="build/train/vocabulary.json")
    parser.add_argument("--type", choices=["F16", "Q8_0"], default="F16")
    parser.add_argument("--out", default="build/train/model.gguf")
    options = parser.parse_args()
    with open(os.path.join(options.run, "shape.json"), encoding="utf-8") as file:
        shape = json.load(file)
    weights = torch.load(os.path.join(options.run, "checkpoint.pt"), map_location="cpu")["model"]
    kind = gguf.GGMLQuantizationType[options.type]
    writer = gguf.GGUFWriter(options.out, "llama")
    millions = round(sum(weight.numel() for weight in weights.values()) / 1e6, 1)
    writer.add_name(f"Reprise {millions} M")
    writer.add_license("MIT")
    writer.add_context_length(shape["context"])
    writer.add_embedding_length(shape["width"])
    writer.add_block_count(shape["layers"])
    writer.add_feed_forward_length(shape["hidden"])
    writer.add_head_count(shape["heads"])
    writer.add_head_count_kv(shape["key_heads"])
    writer.add_key_length(shape["head_width"])
    writer.add_value_length(shape["head_width"])
    writer.add_rope_dimension_count(shape["head_width"])
    writer.add_rope_freq_base(shape["rope_base"])
    writer.add_layer_norm_rms_eps(shape["norm_epsilon"])
    writer.add_vocab_size(shape["vocabulary"])
    writer.add_file_type(gguf.LlamaFileType[f"MOSTLY_{options.type}"])
    add_vocabulary(writer, Tokenizer.load(options.vocabulary))

    def add(name, weight):
        if weight.ndim == 1:
            writer.add_tensor(name, weight)
        else:
            writer.add_tensor(name, gguf.quants.quantize(weight, kind), raw_dtype=kind)

    weights = {name: weight.float().numpy().astype(numpy.float32) for name, weight in weights.items()}
    add("token_embd.weight", weights["embedding.weight"])
    add("output_norm.weight", weights["norm.weight"])
    for layer in range(shape["layers"]):
        for ours, theirs in PARTS.items():
            weight = weights[f"blocks.{layer}.{ours}.weight"]
            if ours in ("attention.query", "attention.key"):
                weight = interleaved(weight, shape["heads" if ours == "attention.query" else "key_heads"])
            add(f"blk.{layer}.{theirs}.weight", weight)
    finish(writer, options.out)


if __name__ == "__main__":
    main()
