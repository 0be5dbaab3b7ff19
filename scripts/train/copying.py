"""Starts a model with attention heads that copy, which a few million tokens would not form by themselves.

Heads of layer 0 look back and write what stood there into slots of the residual stream: one, two and three tokens
back, and the mean of some ten. Heads of layer 1 look for the place where the same tokens stood before, and copy what
came after it: induction heads (Olsson et al., "In-context Learning and Induction Heads", 2022), matched on all slots
at once, so that of several places the one with the same surroundings wins.
"""
import math

import torch

SLOT = 24
NEAR = (1, 2, 3)  # tokens back, a head each
FAR = 6  # tokens back in the middle of what the last head sees
SLOTS = len(NEAR) + 1
EMBEDDING_SCALE = 0.03
NEAR_PEAK = 3.6
FAR_PEAK = 1.9
FAR_SCALE = 2.2  # of a mean of many, which is shorter than one
SLOW = 9  # pairs of the rotation from here on hardly turn within a chat
WEIGHTS = (1.0, 0.8, 0.7, 1.0)  # what a match of each slot counts
SHARPNESS = 1.7
COPY_SCALE = 0.12
LAST_NORM = 6.0  # makes what is copied likely, not only likelier than the rest


def look_back(model, head, distance, pairs, peak, projection, token, slot, scale):
    """Head `head` of layer 0 attends `distance` tokens back and writes a projection of that token into `slot`."""
    shape, attention = model.shape, model.blocks[0].attention
    width, half = shape.head_width, shape.head_width // 2
    query = attention.query.weight[head * width : (head + 1) * width]
    query.zero_()
    # The constant in dimension 0 gives every token the same key, turned by its position; the query turns back.
    for pair in pairs:
        angle = distance * shape.rope_base ** -(pair / half)
        query[pair, 0] = peak * math.cos(angle)
        query[half + pair, 0] = -peak * math.sin(angle)
    output = attention.output.weight[:, head * width : (head + 1) * width]
    output.zero_()
    output[slot, :SLOT] = torch.eye(SLOT) * EMBEDDING_SCALE * scale


def keep_all(model, projection, token):
    """Every key of layer 0 is the constant's, every value a projection of the token."""
    shape, attention = model.shape, model.blocks[0].attention
    attention.key.weight.zero_()
    attention.value.weight.zero_()
    for kept in range(shape.key_heads):
        first = kept * shape.head_width
        attention.key.weight[first : first + shape.head_width // 2, 0] = NEAR_PEAK
        attention.value.weight[first : first + SLOT, token] = projection


def match(model, head, projection, turns, token, slots, weights):
    """Head `head` of layer 1 attends to where the last tokens stood before, and copies the token after them."""
    shape, attention = model.shape, model.blocks[1].attention
    width, half = shape.head_width, shape.head_width // 2
    kept = head * shape.key_heads // shape.heads
    query = attention.query.weight[head * width : (head + 1) * width]
    key = attention.key.weight[kept * width : (kept + 1) * width]
    value = attention.value.weight[kept * width : (kept + 1) * width]
    output = attention.output.weight[:, head * width : (head + 1) * width]
    for part in (query, key, value, output):
        part.zero_()
    columns = torch.arange(shape.width)
    slow = torch.cat([torch.arange(SLOW, half), torch.arange(half + SLOW, width)])[:, None]
    # What stood n tokens back is compared with what stands n + 1 tokens back there; the mean of many with itself.
    now = [(token, projection), *((slot, torch.eye(SLOT)) for slot in (*slots[: len(NEAR) - 1], slots[-1]))]
    for (place, read), slot, turn, weight in zip(now, slots, turns, weights):
        query[slow, columns[place]] = turn @ read * SHARPNESS * weight
        key[slow, columns[slot]] = turn * SHARPNESS
    copied = min(width, token.stop - token.start)
    basis = torch.eye(token.stop - token.start)[:copied]
    value[:copied, token] = basis
    output[token, :copied] = basis.t() * COPY_SCALE / 2


@torch.no_grad()
def start_copying(model, seed=1):
    """Overwrites the embedding and heads of layers 0 and 1. Residual dimensions: a constant, tokens, slots."""
    shape = model.shape
    generator = torch.Generator().manual_seed(seed)

    def normal(*size):
        return torch.randn(*size, generator=generator)

    tokens = shape.width - 1 - SLOTS * SLOT
    token = slice(1, 1 + tokens)
    slots = [slice(1 + tokens + index * SLOT, 1 + tokens + (index + 1) * SLOT) for index in range(SLOTS)]
    embedding = model.embedding.weight
    embedding[:, 0] = 2 * EMBEDDING_SCALE
    # All of one length, so that a norm leaves the constant the same in all.
    directions = torch.nn.functional.normalize(normal(shape.vocabulary, tokens), dim=1)
    embedding[:, token] = directions * math.sqrt(tokens) * EMBEDDING_SCALE
    embedding[:, 1 + tokens :] = 0
    model.norm.weight.fill_(LAST_NORM)
    projection = normal(SLOT, tokens) / math.sqrt(tokens)
    keep_all(model, projection, token)
    for head, distance in enumerate(NEAR):
        look_back(model, head, distance, range(6), NEAR_PEAK, projection, token, slots[head], 1)
    look_back(model, len(NEAR), FAR, range(2, 8), FAR_PEAK, projection, token, slots[-1], FAR_SCALE)
    matched = 2 * (shape.head_width // 2 - SLOW)
    turns = [torch.linalg.qr(normal(matched, SLOT))[0] for _ in range(SLOTS)]
    groups = shape.heads // shape.key_heads
    match(model, 0, projection, turns, token, slots, (1.0, 0.8, 0.0, 0.0))
    match(model, groups, projection, turns, token, slots, WEIGHTS)
