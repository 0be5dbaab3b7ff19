"""A small decoder of the Llama architecture: RMS norms, rotary positions, grouped heads, SwiGLU, tied embedding."""
import dataclasses
import math

import torch
from torch import nn
from torch.nn import functional


@dataclasses.dataclass
class Shape:
    vocabulary: int = 2048
    width: int = 160
    layers: int = 6
    heads: int = 4
    key_heads: int = 2
    head_width: int = 64
    hidden: int = 384
    rope_base: float = 1e12
    context: int = 2048
    norm_epsilon: float = 1e-5


QUERY_BLOCK = 128


class Gated(torch.autograd.Function):
    """silu(gate) * up: on a CPU PyTorch's own derivative of silu takes several times as long in bfloat16."""

    @staticmethod
    def forward(ctx, gate, up):
        open_share = torch.sigmoid(gate)
        ctx.save_for_backward(gate, up, open_share)
        return gate * open_share * up

    @staticmethod
    def backward(ctx, upstream):
        gate, up, open_share = ctx.saved_tensors
        silu = gate * open_share
        return upstream * up * (open_share + silu - silu * open_share), upstream * silu


class Norm(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(shape.width))
        self.epsilon = shape.norm_epsilon

    def forward(self, x):
        x = x.float()
        if x.is_cuda:
            return functional.rms_norm(x, (x.shape[-1],), self.weight, self.epsilon)
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight


def rotation(shape, length, device):
    """Cosines and sines, length x head_width / 2 each. The first half of a head pairs with its second half."""
    steps = torch.arange(0, shape.head_width, 2, device=device) / shape.head_width
    angles = torch.outer(torch.arange(length, device=device).float(), shape.rope_base**-steps)
    return angles.cos(), angles.sin()


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


class Attention(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        inner, grouped = shape.heads * shape.head_width, shape.key_heads * shape.head_width
        self.query = nn.Linear(shape.width, inner, bias=False)
        self.key = nn.Linear(shape.width, grouped, bias=False)
        self.value = nn.Linear(shape.width, grouped, bias=False)
        self.output = nn.Linear(inner, shape.width, bias=False)

    def forward(self, x, cos, sin, mask):
        """x: rows x length x width. On a CPU queries go in blocks, each against the keys up to its end."""
        rows, length, _ = x.shape
        shape = self.shape
        groups = shape.heads // shape.key_heads

        def split(y, heads):
            return y.view(rows, length, heads, shape.head_width).transpose(1, 2)

        query = rotate(split(self.query(x), shape.heads), cos, sin)
        key = rotate(split(self.key(x), shape.key_heads), cos, sin)
        value = split(self.value(x), shape.key_heads)
        if x.is_cuda:
            mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True, enable_gqa=True)
            return self.output(mixed.transpose(1, 2).reshape(rows, length, -1))
        query = query / math.sqrt(shape.head_width)
        query = query.reshape(rows, shape.key_heads, groups, length, shape.head_width)
        blocks = []
        for begin in range(0, length, QUERY_BLOCK):
            end = min(begin + QUERY_BLOCK, length)
            block = query[:, :, :, begin:end].reshape(rows, shape.key_heads, -1, shape.head_width)
            scores = block @ key[:, :, :end].transpose(-1, -2)
            scores = scores.view(rows, shape.key_heads, groups, end - begin, end) + mask[begin:end, :end]
            weights = torch.softmax(scores, -1).view(rows, shape.key_heads, -1, end)
            mixed = weights @ value[:, :, :end]
            blocks.append(mixed.view(rows, shape.heads, end - begin, shape.head_width))
        return self.output(torch.cat(blocks, 2).transpose(1, 2).reshape(rows, length, -1))


class Block(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.attention_norm, self.attention = Norm(shape), Attention(shape)
        self.hidden_norm = Norm(shape)
        self.gate = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x, cos, sin, mask):
        x = x + self.attention(self.attention_norm(x), cos, sin, mask)
        y = self.hidden_norm(x)
        return x + self.down(Gated.apply(self.gate(y), self.up(y)))


class Model(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = Norm(shape)
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                closing = name.endswith(("output.weight", "down.weight"))
                deviation = 0.02 / math.sqrt(2 * shape.layers) if closing else 0.02 if "embedding" in name else 0.04
                nn.init.normal_(parameter, 0, deviation)

    def features(self, tokens):
        """tokens: rows x length -> rows x length x width, ready for `logits`."""
        length = tokens.shape[1]
        cos, sin = rotation(self.shape, length, tokens.device)
        mask = torch.full((length, length), float("-inf"), device=tokens.device).triu(1)
        x = self.embedding(tokens)
        for block in self.blocks:
            x = block(x, cos, sin, mask)
        return self.norm(x)

    def logits(self, features):
        return functional.linear(features, self.embedding.weight)
