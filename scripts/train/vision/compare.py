"""Asks llama.cpp's llama-mtmd-cli and the trained weights the same held-out questions, and compares the answers.

The prompt that llama-mtmd-cli makes is compared with the one of the training, too.
"""
import argparse
import os
import re
import subprocess
import tempfile

from answers import Answerer, held_out_questions

import torch
from PIL import Image

MARKER = "<__media__>"


def run(options, image, text, *more):
    command = [options.cli, "-m", options.model, "--mmproj", options.projector, "--image", image, "-p", text]
    command += ["--temp", "0", "--jinja", "-t", "1", "-n", "120", "-c", "2048", *more]
    return subprocess.run(command, capture_output=True, text=True, check=True)


def answer_of(options, image, text, expected):
    """llama-mtmd-cli now and then ends before its log's thread has written all: what was cut short is asked again."""
    for _ in range(5):
        said = run(options, image, text).stdout.strip()
        if said == expected or not expected.startswith(said):
            break
    return said


def prompt_of(options, image, text):
    """The prompt that llama-mtmd-cli says it made."""
    made = run(options, image, text, "-v")
    found = re.search(r"formatted_chat\.prompt: (.*?<\|im_start\|>assistant\n)", made.stdout + made.stderr, re.DOTALL)
    return found and found[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cli", required=True, help="llama-mtmd-cli, built from the pinned source")
    parser.add_argument("--model", default="models/reprise-vision.gguf")
    parser.add_argument("--projector", default="models/reprise-vision-projector.gguf")
    parser.add_argument("--run", default="build/train/vision", help="the trainer's output folder")
    parser.add_argument("--vocabulary", default="build/train/vocabulary.json")
    parser.add_argument("--count", type=int, default=5, help="questions of each of four kinds")
    parser.add_argument("--seed", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    answerer = Answerer(options.run, options.vocabulary)
    same = right_there = asked = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "image.png")
        for kind in ("description", "place", "count", "claim"):
            questions = held_out_questions(kind, options.count, options.seed)
            ours = answerer.answers([(turns, image, right) for _, image, turns, right in questions])
            for (_, image, turns, right), here in zip(questions, ours):
                Image.fromarray(image).save(path)
                text = turns[0]["text"]
                there = answer_of(options, path, text, here)
                asked, same, right_there = asked + 1, same + (there == here), right_there + (there == right)
                if there != here:
                    print(f"asked {text!r}\n  torch     {here!r}\n  llama.cpp {there!r}")
            wanted = f"<|im_start|>user\n{MARKER}{text}<|im_end|>\n<|im_start|>assistant\n"
            made = prompt_of(options, path, text)
            print(f"{kind}: prompt {'as in training' if made == wanted else f'otherwise: {made!r}'}", flush=True)
    print(f"{asked} questions: {same} answered as by the weights, {right_there} rightly")


if __name__ == "__main__":
    main()
