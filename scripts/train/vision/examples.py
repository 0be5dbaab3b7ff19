"""Draws held-out images, two of each number of shapes, and writes what is in them to truth.json beside them."""
import argparse
import json
import os
import random

from PIL import Image

from scenes import PLACES, any_scene, describe, draw


def named(scene):
    filled = [(place, thing) for place, thing in enumerate(scene) if thing]
    return [{"place": PLACES[place], "colour": thing[0], "shape": thing[1]} for place, thing in filled]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="build/train/vision-images")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    choices = random.Random(options.seed)
    truth = []
    for shapes in (1, 1, 2, 2, 3, 3, 4, 4):
        scene = any_scene(choices, test=True)
        while len(named(scene)) != shapes:
            scene = any_scene(choices, test=True)
        name = f"{len(truth) + 1}-{'-'.join('-'.join(thing) for thing in scene if thing)}.png"
        Image.fromarray(draw(scene, choices)).save(os.path.join(options.out, name), optimize=True)
        truth.append({"file": name, "description": describe(scene), "shapes": named(scene)})
    with open(os.path.join(options.out, "truth.json"), "w", encoding="utf-8") as file:
        json.dump(truth, file, indent="\t")
        file.write("\n")


if __name__ == "__main__":
    main()
