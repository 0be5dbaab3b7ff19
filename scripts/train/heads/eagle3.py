"""A draft head as in EAGLE-3 (Li et al., "EAGLE-3: Scaling up Inference Acceleration of Large Language Models via
Training-Time Test", 2025), of the form that llama.cpp's architecture eagle3 computes.

A row at position p holds the token at p + 1 and g, a mix of what enters three of the target's layers at p; it says
the token at p + 2. Drafting on, what left the layer at p is the g of the next row.
"""
import json
import math
import os

import torch
from torch import nn

from model import Gated, Norm, rotate, rotation

# Tried on short runs: how much a copying head tells tokens apart, and how large other weights are at first.
SHARPNESS = 1.6
DEVIATION, OUTPUT_DEVIATION = 0.03, 0.014
NORM_SCALE = 0.4  # of the target's last norm: no choice is a sure one at first
MOST_STEPS = 16  # of a draft


def split(x, heads):
    """rows x length x (heads * width) -> rows x heads x length x width."""
    return x.view(*x.shape[:2], heads, -1).transpose(1, 2)


class Head(nn.Module):
    """One layer as wide as the target's; `layers`: which three of the target's it reads the input of."""

    def __init__(self, shape, layers):
        super().__init__()
        self.shape, self.layers = shape, tuple(layers)
        width, inner, grouped = shape.width, shape.heads * shape.head_width, shape.key_heads * shape.head_width
        self.mix = nn.Linear(len(self.layers) * width, width, bias=False)
        self.token_norm, self.state_norm = Norm(shape), Norm(shape)
        self.query = nn.Linear(2 * width, inner, bias=False)
        self.key = nn.Linear(2 * width, grouped, bias=False)
        self.value = nn.Linear(2 * width, grouped, bias=False)
        self.output = nn.Linear(inner, width, bias=False)
        self.hidden_norm = Norm(shape)
        self.gate = nn.Linear(width, shape.hidden, bias=False)
        self.up = nn.Linear(width, shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, width, bias=False)
        self.norm = Norm(shape)
        # What the target's states are divided by, so that those of the low layer count, which are much shorter.
        self.register_buffer("spread", torch.ones(len(self.layers) * width))
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                is_output = name in ("output.weight", "down.weight")
                nn.init.normal_(parameter, 0, OUTPUT_DEVIATION if is_output else DEVIATION)

    def both(self, embedding, g):
        return torch.cat([self.token_norm(embedding), self.state_norm(g)], -1)

    @torch.no_grad()
    def start_copying(self, target):
        """A head of each group looks for where the last token stood before, and copies the one after it.

        What came before a row's token is in g, as the low layer's state of it.
        """
        shape = self.shape
        width, half = shape.head_width, shape.head_width // 2
        turns = shape.rope_base ** -(torch.arange(half) / half)
        pairs = (turns * shape.context < 1).nonzero().flatten()
        slow = torch.cat([pairs, pairs + half])
        self.norm.weight.copy_(target.model.norm.weight * NORM_SCALE)
        self.mix.weight[:, : shape.width] += torch.eye(shape.width)
        for kept in range(shape.key_heads):
            first = kept * shape.heads // shape.key_heads * width
            match = torch.linalg.qr(torch.randn(shape.width, shape.width))[0][: len(slow)] * SHARPNESS
            self.query.weight[first + slow, : shape.width] = match
            self.key.weight[kept * width + slow, shape.width :] = match
            copied = torch.arange(kept * width, (kept + 1) * width) % shape.width
            self.value.weight[kept * width + torch.arange(width), copied] += 1
            self.output.weight[copied, first + torch.arange(width)] += 1


def load_head(folder, target):
    """folder: train_eagle3.py's output."""
    with open(os.path.join(folder, "head.json"), encoding="utf-8") as file:
        head = Head(target.shape, json.load(file)["layers"])
    head.load_state_dict(torch.load(os.path.join(folder, "head.pt"), map_location="cpu"))
    return head.requires_grad_(False)


class Drafts:
    """Drafts that begin at many places of the same rows, side by side, a token more with each `step`.

    As in drafting, a draft sees the rows up to where it begins as they follow from the target's states, and after that
    only rows of its own.
    """

    def __init__(self, head, target, states, following, places):
        """states: rows x length x width of three; following: the tokens after each; places: rows x drafts."""
        self.head, self.target, self.places, self.own = head, target, places, []
        shape, length = head.shape, states.shape[1]
        self.cos, self.sin = rotation(shape, length + MOST_STEPS, states.device)
        g = head.mix(states / head.spread).float()
        both = head.both(target.embed(following), g)
        self.key = rotate(split(head.key(both), shape.key_heads), self.cos[:length], self.sin[:length])
        self.value = split(head.value(both), shape.key_heads)
        hidden = torch.arange(length, device=places.device) > places[:, :, None]
        self.mask = torch.zeros(hidden.shape, device=places.device).masked_fill(hidden, float("-inf"))[:, None, None]
        self.g = g.gather(1, places[:, :, None].expand(-1, -1, shape.width))
        self.steps = 0

    def step(self, tokens):
        """tokens: rows x drafts, the last known of each draft -> features, for the target's `logits` of the next."""
        head, shape = self.head, self.head.shape
        rows, drafts = tokens.shape
        positions = self.places + self.steps
        cos, sin = self.cos[positions][:, None], self.sin[positions][:, None]
        both = head.both(self.target.embed(tokens), self.g)
        if self.steps:
            own_key = rotate(split(head.key(both), shape.key_heads), cos, sin)
            self.own.append((own_key[:, :, None], split(head.value(both), shape.key_heads)[:, :, None]))
        query = rotate(split(head.query(both), shape.heads), cos, sin) / math.sqrt(shape.head_width)
        grouped = query.reshape(rows, shape.key_heads, -1, shape.head_width)
        query = query.view(rows, shape.key_heads, -1, drafts, shape.head_width)
        scores = (grouped @ self.key.transpose(-1, -2)).view(*query.shape[:-1], -1) + self.mask
        own = [(query * key).float().sum(-1, keepdim=True) for key, _ in self.own]
        weights = torch.softmax(torch.cat([scores, *own], -1), -1)
        length = self.key.shape[2]
        mixed = weights[..., :length].reshape(rows, shape.key_heads, -1, length) @ self.value
        mixed = mixed.view_as(query)
        for index, (_, value) in enumerate(self.own):
            mixed = mixed + weights[..., length + index, None] * value
        mixed = mixed.reshape(rows, shape.heads, drafts, -1).transpose(1, 2).reshape(rows, drafts, -1)
        x = self.g + head.output(mixed)
        y = head.hidden_norm(x)
        self.g = x + head.down(Gated.apply(head.gate(y), head.up(y)))
        self.steps += 1
        return head.norm(self.g)


def choices_of(head, target, tokens, places, steps, given):
    """-> the head's choices after the tokens behind `places`, steps x places; fed with the tokens that follow (`given`), or
    with its own choices."""
    states, _ = target.run(tokens[None, :-1], head.layers)
    drafts = Drafts(head, target, states, tokens[None, 1:], places[None])
    choices, last = [], tokens[places + 1]
    for step in range(1, steps + 1):
        choices.append(target.logits(drafts.step(last[None])[0]).argmax(-1))
        last = tokens[(places + 1 + step).clamp(max=len(tokens) - 1)] if given else choices[-1]
    return torch.stack(choices)
