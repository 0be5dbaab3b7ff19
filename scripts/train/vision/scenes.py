"""Arrangements of coloured shapes, their descriptions, and drawings of them.

A scene has four places, each empty (None) or a pair of a colour and a shape. A tenth of all arrangements, chosen by a
hash, belongs to the test split: none of these is ever drawn for training.
"""
import hashlib
import math

import numpy
from PIL import Image, ImageDraw

COLOURS = {
    "red": (215, 40, 40),
    "green": (40, 160, 60),
    "blue": (45, 80, 215),
    "yellow": (235, 200, 30),
    "black": (25, 25, 25),
    "purple": (140, 50, 165),
}
SHAPES = ("circle", "square", "triangle", "cross")
PLACES = ("top left", "top right", "bottom left", "bottom right")
NUMBERS = ("Zero", "One", "Two", "Three", "Four")
KINDS = [None] + [(colour, shape) for colour in COLOURS for shape in SHAPES]  # what a place may hold
SIZE = 64  # pixels, both ways
HALF = SIZE // 2


def sentence(place, thing):
    return f"There is a {thing[0]} {thing[1]} at the {PLACES[place]}."


def sentences(scene):
    return [sentence(place, thing) for place, thing in enumerate(scene) if thing]


def describe(scene):
    return " ".join(sentences(scene))


def held_out(scene):
    return hashlib.sha256(describe(scene).encode()).digest()[0] % 10 == 0


def any_thing(random):
    return random.choice(tuple(COLOURS)), random.choice(SHAPES)


def any_scene(random, test=False):
    """random: random.Random -> a scene of one to four shapes, of the test split or of the training split."""
    while True:
        filled = random.sample(range(4), random.randint(1, 4))
        scene = tuple(any_thing(random) if place in filled else None for place in range(4))
        if held_out(scene) == test:
            return scene


def outline(shape, x, y, radius, lean):
    """Corners of a square, triangle or cross around x, y, turned by `lean` radians."""
    if shape == "square":
        corners = [(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)]
    elif shape == "triangle":
        corners = [(0, -1), (0.95, 0.8), (-0.95, 0.8)]
    else:
        arm = 0.32
        quarter = [(-arm, -1), (arm, -1), (arm, -arm)]
        turns = [(1, 0), (0, 1), (-1, 0), (0, -1)]  # cosine and sine of each quarter turn
        corners = [(a * c - b * s, a * s + b * c) for c, s in turns for a, b in quarter]
    c, s = math.cos(lean), math.sin(lean)
    return [(x + radius * (a * c - b * s), y + radius * (a * s + b * c)) for a, b in corners]


def draw(scene, random):
    """scene -> SIZE x SIZE x 3 bytes: shapes of uneven size, place and colour on a light background with noise."""
    background = tuple(random.randint(212, 255) for _ in range(3))
    image = Image.new("RGB", (SIZE, SIZE), background)
    canvas = ImageDraw.Draw(image)
    for place, thing in enumerate(scene):
        if not thing:
            continue
        colour = tuple(min(255, max(0, part + random.randint(-18, 18))) for part in COLOURS[thing[0]])
        radius = random.uniform(8.5, 12.5)
        x = HALF / 2 + HALF * (place % 2) + random.uniform(-2.5, 2.5)
        y = HALF / 2 + HALF * (place // 2) + random.uniform(-2.5, 2.5)
        if thing[1] == "circle":
            canvas.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colour)
        else:
            canvas.polygon(outline(thing[1], x, y, radius, random.uniform(-0.1, 0.1)), fill=colour)
    noise = numpy.random.default_rng(random.getrandbits(32)).normal(0, random.uniform(0, 6), (SIZE, SIZE, 3))
    return numpy.clip(numpy.asarray(image) + noise, 0, 255).astype(numpy.uint8)
