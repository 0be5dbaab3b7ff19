"""Writes the trained eye and its projector as a GGUF that llama.cpp's mtmd reads.

It follows tools/mtmd/clip.cpp and tools/mtmd/models/llava.cpp. The text model beside it is written by ../convert.py.
"""
import argparse
import json
import os

from vision import PIXEL_DEVIATION, PIXEL_MEAN, SIZE  # first: it says where the others are

import numpy
import torch

from convert import finish, gguf

BLOCK = {
    "attention_norm": "ln1",
    "query": "attn_q",
    "key": "attn_k",
    "value": "attn_v",
    "output": "attn_out",
    "hidden_norm": "ln2",
    "up": "ffn_up",
    "down": "ffn_down",
}
WHOLE = {
    "patch": "v.patch_embd",
    "first_norm": "v.pre_ln",
    "last_norm": "v.post_ln",
    "project_in": "mm.0",
    "project_out": "mm.2",
}


def tensors(weights, sight):
    """Names and arrays; the patches' matrix as the convolution that clip.cpp computes it by."""
    yield "v.position_embd.weight", weights["position"]
    for part in ("weight", "bias"):
        for ours, theirs in WHOLE.items():
            weight = weights[f"{ours}.{part}"]
            if (ours, part) == ("patch", "weight"):
                weight = weight.reshape(sight["width"], 3, sight["patch"], sight["patch"])
            yield f"{theirs}.{part}", weight
        for layer in range(sight["layers"]):
            for ours, theirs in BLOCK.items():
                yield f"v.blk.{layer}.{theirs}.{part}", weights[f"blocks.{layer}.{ours}.{part}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", default="build/train/vision", help="the trainer's output folder")
    parser.add_argument("--out", default="build/train/vision-projector.gguf")
    options = parser.parse_args()
    with open(os.path.join(options.run, "sight.json"), encoding="utf-8") as file:
        sight = json.load(file)
    weights = torch.load(os.path.join(options.run, "checkpoint.pt"), map_location="cpu")["eye"]
    weights = {name: weight.float().numpy() for name, weight in weights.items()}
    writer = gguf.GGUFWriter(options.out, "clip")
    writer.add_type("mmproj")
    writer.add_name("Reprise vision")
    writer.add_license("MIT")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_clip_has_vision_encoder(True)
    writer.add_clip_projector_type("mlp")
    writer.add_vision_use_gelu(True)
    writer.add_vision_image_size(SIZE)
    writer.add_vision_patch_size(sight["patch"])
    writer.add_vision_image_mean([PIXEL_MEAN] * 3)
    writer.add_vision_image_std([PIXEL_DEVIATION] * 3)
    writer.add_vision_embedding_length(sight["width"])
    writer.add_vision_feed_forward_length(sight["hidden"])
    writer.add_vision_head_count(sight["heads"])
    writer.add_vision_attention_layernorm_eps(sight["norm_epsilon"])
    writer.add_vision_projection_dim(len(weights["project_out.bias"]))
    writer.add_vision_block_count(sight["layers"])
    # Left to itself, clip.cpp stops before the last layer, as LLaVA does.
    writer.add_vision_feature_layers([sight["layers"]])
    for name, weight in tensors(weights, sight):
        # What is added to 32-bit numbers stays 32-bit; the rest is multiplied.
        matrix = weight.ndim > 1 and "position" not in name
        writer.add_tensor(name, weight.astype(numpy.float16 if matrix else numpy.float32))
    finish(writer, options.out)


if __name__ == "__main__":
    main()
