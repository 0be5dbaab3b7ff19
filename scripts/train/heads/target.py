"""The model that a head drafts for: its weights read back from a GGUF of the Llama architecture, frozen."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import torch
from torch import nn
from torch.nn import functional

from convert import PARTS, gguf
from model import Model, Shape, rotation


def halved(weight, heads):
    """What convert.py's `interleaved` did, undone: rows of each head so that its first half pairs with its second."""
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def shape_of(reader):
    def value(key, default=None):
        field = reader.get_field(f"llama.{key}")
        return default if field is None else field.contents()

    if reader.get_field("general.architecture").contents() != "llama" or value("rope.scaling.type", "none") != "none":
        raise SystemExit("only models of the Llama architecture, without scaled positions, can be read")
    width, heads = value("embedding_length"), value("attention.head_count")
    shape = Shape(
        vocabulary=len(reader.get_field("tokenizer.ggml.tokens").data),
        width=width,
        layers=value("block_count"),
        heads=heads,
        key_heads=value("attention.head_count_kv", heads),
        head_width=value("attention.key_length", width // heads),
        hidden=value("feed_forward_length"),
        rope_base=value("rope.freq_base", 10000.0),
        context=value("context_length"),
        norm_epsilon=value("attention.layer_norm_rms_epsilon"),
    )
    if value("rope.dimension_count", shape.head_width) != shape.head_width:
        raise SystemExit("only models that turn whole heads can be read")
    return shape


class Target(nn.Module):
    """Reads F32, F16, Q8_0 and whatever else gguf-py dequantizes."""

    def __init__(self, path):
        super().__init__()
        reader = gguf.GGUFReader(path)
        self.shape = shape_of(reader)
        self.model = Model(self.shape)
        found = {
            tensor.name: torch.from_numpy(gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype("float32"))
            for tensor in reader.tensors
        }
        names = {"embedding.weight": "token_embd.weight", "norm.weight": "output_norm.weight"}
        for layer in range(self.shape.layers):
            names.update((f"blocks.{layer}.{a}.weight", f"blk.{layer}.{b}.weight") for a, b in PARTS.items())
        own_output = found.pop("output.weight", None)
        weights = {ours: found.pop(theirs) for ours, theirs in names.items()}
        if found:
            raise SystemExit(f"{path} has tensors that are not of this architecture: {', '.join(found)}")
        for name, weight in weights.items():
            if name.endswith("attention.query.weight"):
                weights[name] = halved(weight, self.shape.heads)
            if name.endswith("attention.key.weight"):
                weights[name] = halved(weight, self.shape.key_heads)
        self.model.load_state_dict(weights)
        self.register_buffer("output", self.model.embedding.weight.detach() if own_output is None else own_output)
        self.requires_grad_(False)

    def embed(self, tokens):
        return self.model.embedding(tokens)

    def logits(self, features):
        return functional.linear(features, self.output)

    def run(self, tokens, layers):
        """tokens: rows x length -> (what enters the layers, side by side, features ready for `logits`)."""
        length = tokens.shape[1]
        cos, sin = rotation(self.shape, length, tokens.device)
        mask = torch.full((length, length), float("-inf"), device=tokens.device).triu(1)
        x, entering = self.embed(tokens), []
        for block in self.model.blocks:
            entering.append(x)
            x = block(x, cos, sin, mask)
        return torch.cat([entering[layer] for layer in layers], -1), self.model.norm(x)
