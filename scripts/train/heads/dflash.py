"""A draft head as in DFlash (Chen, Liang, Liu, "DFlash: Block Diffusion for Flash Speculative Decoding", 2026), of the
form that llama.cpp's architecture dflash computes.

What enters some of the target's layers at each token of the text is mixed into g, of which every layer of the head
makes keys and values. A block is the text's last token and masks; its rows see the text before it and each other, and
row j says the token that stands j after the first.
"""
import json
import math
import os

import torch
from torch import nn

from model import Gated, Norm, rotate, rotation

# Tried on short runs: how much a copying head tells tokens apart, and how large other weights are at first.
SHARPNESS = 2.5
DEVIATION, OUTPUT_DEVIATION = 0.04, 0.014
NORM_SCALE = 0.4  # of the target's last norm: no choice is a sure one at first
# A control token of the target's vocabulary that no chat has; its embedding stands for what is to be said.
MASK = "<s>"


class HeadNorm(nn.Module):
    """Of the features of each attention head."""

    def __init__(self, shape):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(shape.head_width))
        self.epsilon = shape.norm_epsilon

    def forward(self, x):
        x = x.float()
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight


class Layer(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        inner, grouped = shape.heads * shape.head_width, shape.key_heads * shape.head_width
        self.attention_norm, self.hidden_norm = Norm(shape), Norm(shape)
        self.query = nn.Linear(shape.width, inner, bias=False)
        self.key = nn.Linear(shape.width, grouped, bias=False)
        self.value = nn.Linear(shape.width, grouped, bias=False)
        self.output = nn.Linear(inner, shape.width, bias=False)
        self.query_norm, self.key_norm = HeadNorm(shape), HeadNorm(shape)
        self.gate = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)

    def split(self, x):
        """... x (heads * width) -> ... x heads x width."""
        return x.view(*x.shape[:-1], -1, self.shape.head_width)

    def forward(self, x, g, turns, block_turns, hidden):
        """x: rows x blocks x size x width; g: rows x length x width; hidden: what no block sees of the text."""
        shape = self.shape
        rows, blocks, size, _ = x.shape
        length, groups = g.shape[1], shape.heads // shape.key_heads
        text_key = rotate(self.key_norm(self.split(self.key(g))), *turns).transpose(1, 2)
        text_value = self.split(self.value(g)).transpose(1, 2)
        y = self.attention_norm(x)
        query = rotate(self.query_norm(self.split(self.query(y))), *block_turns) / math.sqrt(shape.head_width)
        key = rotate(self.key_norm(self.split(self.key(y))), *block_turns)
        value = self.split(self.value(y))
        # rows x key heads x groups x blocks x size x width
        query = query.view(rows, blocks, size, shape.key_heads, groups, -1).permute(0, 3, 4, 1, 2, 5)
        key, value = (part.permute(0, 3, 1, 2, 4)[:, :, None] for part in (key, value))
        ahead = query.reshape(rows, shape.key_heads, -1, shape.head_width) @ text_key.transpose(-1, -2)
        ahead = ahead.view(*query.shape[:-1], length).masked_fill(hidden[:, None, None, :, None], float("-inf"))
        weights = torch.softmax(torch.cat([ahead, query @ key.transpose(-1, -2)], -1).float(), -1).to(text_value.dtype)
        mixed = weights[..., :length].reshape(rows, shape.key_heads, -1, length) @ text_value
        mixed = mixed.view_as(query) + weights[..., length:] @ value
        x = x + self.output(mixed.permute(0, 3, 4, 1, 2, 5).reshape(rows, blocks, size, -1))
        y = self.hidden_norm(x)
        return x + self.down(Gated.apply(self.gate(y), self.up(y)))


class Head(nn.Module):
    """`layers`: which of the target's it reads the input of; `depth`: layers of its own; `block`: rows of a block."""

    def __init__(self, shape, layers, depth, block, mask):
        super().__init__()
        self.shape, self.layers, self.block, self.mask = shape, tuple(layers), block, mask
        self.mix = nn.Linear(len(self.layers) * shape.width, shape.width, bias=False)
        self.mix_norm = Norm(shape)
        self.own = nn.ModuleList(Layer(shape) for _ in range(depth))
        self.norm = Norm(shape)
        # What the target's states are divided by, so that those of the low layer count, which are much shorter.
        self.register_buffer("spread", torch.ones(len(self.layers) * shape.width))
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                is_output = name.endswith(("output.weight", "down.weight"))
                nn.init.normal_(parameter, 0, OUTPUT_DEVIATION if is_output else DEVIATION)

    @torch.no_grad()
    def start_copying(self, target):
        """In the first layer the first row looks for where its token stood before, and copies what is known there.

        What the target was about to say there stands in g; from the next layer on other rows can read it in the first.
        """
        shape, first = self.shape, self.own[0]
        width, half = shape.head_width, shape.head_width // 2
        turns = shape.rope_base ** -(torch.arange(half) / half)
        pairs = (turns * shape.context < 1).nonzero().flatten()
        slow = torch.cat([pairs, pairs + half])
        self.norm.weight.copy_(target.model.norm.weight * NORM_SCALE)
        first.query_norm.weight.fill_(SHARPNESS)
        for copied in (self.mix.weight[:, : shape.width], self.mix.weight[:, -shape.width :]):
            copied += torch.eye(shape.width)
        for kept in range(shape.key_heads):
            begin = kept * shape.heads // shape.key_heads * width
            match = torch.linalg.qr(torch.randn(shape.width, shape.width))[0][: len(slow)]
            first.query.weight[begin + slow] = match
            first.key.weight[kept * width + slow] = match
            copied = torch.arange(kept * width, (kept + 1) * width) % shape.width
            first.value.weight[kept * width + torch.arange(width), copied] += 1
            first.output.weight[copied, begin + torch.arange(width)] += 1

    def forward(self, target, states, tokens, places):
        """places: rows x blocks, of the last known tokens -> features, rows x blocks x size x width, for the target's
        `logits`; those of the first row of a block say nothing.

        states: rows x length x (layers * width), of `tokens`.
        """
        length = states.shape[1]
        g = self.mix_norm(self.mix(states / self.spread))
        given = torch.full((*places.shape, self.block), self.mask, device=places.device)
        given[..., 0] = tokens.gather(1, places)
        cos, sin = rotation(self.shape, length + self.block, states.device)
        positions = places[..., None] + torch.arange(self.block, device=places.device)
        turns = cos[:length, None], sin[:length, None]
        block_turns = cos[positions][..., None, :], sin[positions][..., None, :]
        hidden = torch.arange(length, device=places.device) >= places[..., None]
        x = target.embed(given)
        for layer in self.own:
            x = layer(x, g, turns, block_turns, hidden)
        return self.norm(x)


def save_head(head, folder):
    about = {"layers": head.layers, "depth": len(head.own), "block": head.block, "mask": head.mask}
    with open(os.path.join(folder, "head.json"), "w", encoding="utf-8") as file:
        json.dump(about, file)
    torch.save(head.state_dict(), os.path.join(folder, "head.pt"))


def load_head(folder, target):
    """folder: train_dflash.py's output."""
    with open(os.path.join(folder, "head.json"), encoding="utf-8") as file:
        head = Head(target.shape, **json.load(file))
    head.load_state_dict(torch.load(os.path.join(folder, "head.pt"), map_location="cpu"))
    return head.requires_grad_(False)


def choices_of(head, target, tokens, places, steps, given):
    """-> the head's choices after the tokens behind `places`, steps x places, at most one less than a block has rows. They
    do not depend on the tokens between, whether or not those are `given`.
    """
    states, _ = target.run(tokens[None], head.layers)
    said = head(target, states, tokens[None], places[None] + 1)[0, :, 1 : steps + 1]
    return target.logits(said).argmax(-1).T
