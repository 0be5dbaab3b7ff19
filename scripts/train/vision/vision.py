"""A vision transformer with LLaVA's projector in front of a text model, as llama.cpp's clip.cpp computes it.

The image becomes one embedding a patch, row by row. They stand in the first message of the user, before its text.
"""
import dataclasses
import os
import sys

import torch
from torch import nn
from torch.nn import functional

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from encode import encode_chat  # noqa: E402
from model import Model, rotation  # noqa: E402
from scenes import KINDS, SIZE  # noqa: E402


@dataclasses.dataclass
class Sight:
    patch: int = 16
    width: int = 96
    layers: int = 3
    heads: int = 3
    hidden: int = 384
    norm_epsilon: float = 1e-5


PIXEL_MEAN = PIXEL_DEVIATION = 0.5  # of a channel from 0 to 1
PATCHES = (SIZE // Sight.patch) ** 2
PLACEHOLDER = 0  # stands in rows of tokens where an embedding of the image does in rows of embeddings
EMBEDDING_DEVIATION = 0.015  # at the start: as long as the text's embeddings


def gelu(x):
    """The approximation that ggml_gelu computes. In bfloat16 PyTorch's own takes several times as long."""
    return functional.gelu(x.float(), approximate="tanh")


def pixels(images):
    """rows x SIZE x SIZE x 3 bytes -> rows x 3 x SIZE x SIZE, normalized."""
    return ((images.permute(0, 3, 1, 2).float() / 255) - PIXEL_MEAN) / PIXEL_DEVIATION


class EyeBlock(nn.Module):
    def __init__(self, sight):
        super().__init__()
        self.sight = sight
        self.attention_norm = nn.LayerNorm(sight.width, sight.norm_epsilon)
        self.query, self.key, self.value, self.output = (nn.Linear(sight.width, sight.width) for _ in range(4))
        self.hidden_norm = nn.LayerNorm(sight.width, sight.norm_epsilon)
        self.up = nn.Linear(sight.width, sight.hidden)
        self.down = nn.Linear(sight.hidden, sight.width)

    def forward(self, x):
        rows, length, width = x.shape
        y = self.attention_norm(x)
        split = lambda z: z.view(rows, length, self.sight.heads, -1).transpose(1, 2)
        query, key, value = split(self.query(y)), split(self.key(y)), split(self.value(y))
        weights = torch.softmax(query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5, -1)
        x = x + self.output((weights @ value).transpose(1, 2).reshape(rows, length, width))
        return x + self.down(gelu(self.up(self.hidden_norm(x))))


class Eye(nn.Module):
    """Encoder and projector."""

    def __init__(self, sight, text_width):
        super().__init__()
        self.sight = sight
        self.patch = nn.Linear(3 * sight.patch**2, sight.width)
        self.position = nn.Parameter(torch.randn(PATCHES, sight.width) * 0.3)
        self.first_norm = nn.LayerNorm(sight.width, sight.norm_epsilon)
        self.blocks = nn.ModuleList(EyeBlock(sight) for _ in range(sight.layers))
        self.last_norm = nn.LayerNorm(sight.width, sight.norm_epsilon)
        self.project_in = nn.Linear(sight.width, text_width)
        self.project_out = nn.Linear(text_width, text_width)
        nn.init.normal_(self.project_out.weight, 0, EMBEDDING_DEVIATION * 2 / text_width**0.5)
        nn.init.zeros_(self.project_out.bias)

    def forward(self, images):
        """images: rows x SIZE x SIZE x 3 bytes -> rows x PATCHES x width of the text."""
        side = self.sight.patch
        parts = functional.unfold(pixels(images), side, stride=side).transpose(1, 2)
        x = self.first_norm(self.patch(parts) + self.position)
        for block in self.blocks:
            x = block(x)
        return self.project_out(gelu(self.project_in(self.last_norm(x))))


class Reader(nn.Module):
    """Text model and eye.

    Two readouts are for training alone. `places` tells from the eye's embeddings what stands in each quarter of the
    image; `claims` tells, before the last layer, what a claim says and what stands where it says so.
    """

    def __init__(self, shape, sight):
        super().__init__()
        self.text, self.eye = Model(shape), Eye(sight, shape.width)
        self.places = nn.Linear(shape.width, len(KINDS))
        self.claims = nn.Linear(shape.width, 2 * len(KINDS))

    def features(self, seen):
        """seen: (tokens: rows x length, images, place of the image's first embedding) -> as Model.features."""
        tokens, images, at = seen
        x = self.text.embedding(tokens)
        x = torch.cat([x[:, :at], self.eye(images).to(x.dtype), x[:, at + PATCHES :]], 1)
        length, shape = x.shape[1], self.text.shape
        cos, sin = rotation(shape, length, x.device)
        mask = torch.full((length, length), float("-inf"), device=x.device).triu(1)
        for block in self.text.blocks:
            self.before_last = x
            x = block(x, cos, sin, mask)
        self.read = self.text.norm(x)
        return self.read

    def claim_logits(self, rows, columns):
        """Of the tokens that features() has just read -> (of the next token, of what stands there and what is said)."""
        before = self.before_last[rows, columns].float()
        kinds = self.claims(functional.layer_norm(before, before.shape[-1:])).view(len(rows), 2, len(KINDS))
        return self.logits(self.read[rows, columns]), kinds

    def logits(self, features):
        return self.text.logits(features)

    def place_logits(self, images):
        """-> rows x 4 x KINDS."""
        seen = self.eye(images)
        half = int(PATCHES**0.5) // 2
        quarters = seen.view(len(seen), 2, half, 2, half, -1).mean((2, 4)).flatten(1, 2)
        return self.places(functional.layer_norm(quarters.float(), quarters.shape[-1:]))


def image_at(tokenizer):
    """Tokens before the image: the turn's begin, and the user's name with a line break."""
    return 1 + len(tokenizer.encode("user\n"))


def encode_conversation(tokenizer, turns, choices):
    """As encode_chat, with placeholders for the image before the text of the first turn."""
    ids, learn = encode_chat(tokenizer, turns, choices)
    at = image_at(tokenizer)
    return ids[:at] + [PLACEHOLDER] * PATCHES + ids[at:], learn[:at] + [0] * PATCHES + learn[at:]
