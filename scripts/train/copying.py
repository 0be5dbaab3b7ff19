"""Starts a model with attention heads that copy, which a few million tokens would not form by themselves.

Heads of layer 0 look one, two and three tokens back and write what stood there into slots of the residual stream;
heads of layer 1 look for the place where the same tokens stood before, and copy what came after it: induction
heads (Olsson et al., "In-context Learning and Induction Heads", 2022), matched on up to three tokens at once.
"""
import math

import torch

SLOT = 16
BACK = 3
EMBEDDING_SCALE = 0.03
PEAK = 3.2
SHARPNESS = 2.0
COPY_SCALE = 0.12


def look_back(model, head, distance, projection, token, slot):
    """Head `head` of layer 0 attends `distance` tokens back and writes a projection of that token into `slot`."""
    shape, attention = model.shape, model.blocks[0].attention
    width, half = shape.head_width, shape.head_width // 2
    query, key = (part.weight[head * width : (head + 1) * width] for part in (attention.query, attention.key))
    query.zero_()
    if head < shape.key_heads:
        key.zero_()
    steps = shape.rope_base ** -(torch.arange(0, width, 2) / width)
    # The constant in dimension 0 gives every token the same key, turned by its position; the query turns back.
    for pair in range(min(6, half)):
        angle = distance * float(steps[pair])
        if head < shape.key_heads:
            key[pair, 0] = PEAK
        query[pair, 0] = PEAK * math.cos(angle)
        query[half + pair, 0] = -PEAK * math.sin(angle)
    kept = head * shape.key_heads // shape.heads
    value = attention.value.weight[kept * width : (kept + 1) * width]
    value.zero_()
    value[:SLOT, token] = projection
    output = attention.output.weight[:, head * width : (head + 1) * width]
    output.zero_()
    output[slot, :SLOT] = torch.eye(SLOT) * EMBEDDING_SCALE


def match(model, head, projection, turns, token, slots, basis):
    """Head `head` of layer 1 attends to where the last tokens stood before, and copies the token after them."""
    shape, attention = model.shape, model.blocks[1].attention
    width, half = shape.head_width, shape.head_width // 2
    kept = head * shape.key_heads // shape.heads
    query = attention.query.weight[head * width : (head + 1) * width]
    key = attention.key.weight[kept * width : (kept + 1) * width]
    query.zero_()
    key.zero_()
    # The slowest pairs of the rotation hardly turn within a chat: what they hold is matched by content.
    slow = torch.cat([torch.arange(half - SLOT // 2, half), torch.arange(width - SLOT // 2, width)])
    for back, turn in enumerate(turns):
        strength = SHARPNESS * (1.0 if back == 0 else 0.6)
        now = projection if back == 0 else torch.eye(SLOT)
        query[slow[:, None], torch.arange(shape.width)[token if back == 0 else slots[back - 1]]] = turn @ now * strength
        key[slow[:, None], torch.arange(shape.width)[slots[back]]] = turn * strength
    value = attention.value.weight[kept * width : (kept + 1) * width]
    value.zero_()
    value[:, token] = basis
    output = attention.output.weight[:, head * width : (head + 1) * width]
    output.zero_()
    output[token] = basis.t() * COPY_SCALE


@torch.no_grad()
def start_copying(model, seed=1):
    """Overwrites the embedding and heads of layers 0 and 1. Residual dimensions: a constant, tokens, slots."""
    shape = model.shape
    generator = torch.Generator().manual_seed(seed)

    def normal(*size):
        return torch.randn(*size, generator=generator)

    tokens = shape.width - 1 - BACK * SLOT
    token = slice(1, 1 + tokens)
    slots = [slice(1 + tokens + back * SLOT, 1 + tokens + (back + 1) * SLOT) for back in range(BACK)]
    embedding = model.embedding.weight
    embedding[:, 0] = 2 * EMBEDDING_SCALE
    embedding[:, token] = normal(shape.vocabulary, tokens) * EMBEDDING_SCALE
    embedding[:, 1 + tokens :] = 0
    projection = normal(SLOT, tokens) / math.sqrt(tokens)
    for back in range(BACK):
        look_back(model, back, back + 1, projection, token, slots[back])
    free = model.blocks[0].attention.output.weight[:, BACK * shape.head_width :]
    free *= 0.1
    turns = [torch.linalg.qr(normal(SLOT, SLOT))[0] for _ in range(BACK)]
    basis = torch.linalg.qr(normal(tokens, tokens))[0][: 2 * shape.head_width]
    groups = shape.heads // shape.key_heads
    for part, head in enumerate((0, groups)):
        mine = basis[part * shape.head_width : (part + 1) * shape.head_width]
        # The first copies by one token, the second by three.
        match(model, head, projection, turns[: 1 + part * (BACK - 1)], token, slots, mine)
