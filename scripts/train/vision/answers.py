"""Greedy answers of a trained vision model, many conversations at once, and held-out ones to ask about."""
import json
import os
import random

from vision import PLACEHOLDER, Reader, Sight, encode_conversation, image_at

import numpy
import torch

from chats import COUNT, LIST, WHAT, ask, claim, conversation, judged, listed, mistaken, named, repair, reply, where
from chats import wrong_sentences
from model import Shape
from scenes import NUMBERS, any_scene, describe, draw, sentences
from tokenizer import Tokenizer

LONGEST = 96  # tokens of an answer


class Answerer:
    def __init__(self, run, vocabulary):
        def setting(name):
            with open(os.path.join(run, f"{name}.json"), encoding="utf-8") as file:
                return json.load(file)

        self.tokenizer = Tokenizer.load(vocabulary)
        self.reader = Reader(Shape(**setting("shape")), Sight(**setting("sight")))
        saved = torch.load(os.path.join(run, "checkpoint.pt"), map_location="cpu")
        self.reader.text.load_state_dict(saved["model"])
        self.reader.eye.load_state_dict(saved["eye"])
        self.at = image_at(self.tokenizer)
        self.step = saved["step"]

    def prompt(self, turns):
        choices = random.Random(0)
        ids, _ = encode_conversation(self.tokenizer, turns, choices)
        return ids + [self.tokenizer.turn, *self.tokenizer.encode("assistant\n")]

    @torch.no_grad()
    def says(self, prompts, images, texts):
        """Whether each text is what it would answer, found in one pass: is each of its tokens the likeliest?"""
        ends = [self.tokenizer.encode(text) + [self.tokenizer.turn_end] for text in texts]
        wholes = [prompt + end for prompt, end in zip(prompts, ends)]
        tokens = torch.full((len(wholes), max(map(len, wholes))), PLACEHOLDER)
        for row, whole in enumerate(wholes):
            tokens[row, : len(whole)] = torch.tensor(whole)
        features = self.reader.features((tokens, images, self.at))
        found = []
        for row, (prompt, end) in enumerate(zip(prompts, ends)):
            best = self.reader.logits(features[row, len(prompt) - 1 : len(prompt) + len(end) - 1]).argmax(-1)
            found.append(best.tolist() == end)
        return found

    @torch.no_grad()
    def continued(self, prompts, images):
        """Rows are padded at their ends, which nothing looks back at."""
        tokens = torch.full((len(prompts), max(map(len, prompts)) + LONGEST), PLACEHOLDER)
        for row, prompt in enumerate(prompts):
            tokens[row, : len(prompt)] = torch.tensor(prompt)
        ends = torch.tensor([len(prompt) for prompt in prompts])
        rows, done = torch.arange(len(prompts)), torch.zeros(len(prompts), dtype=bool)
        for _ in range(LONGEST):
            features = self.reader.features((tokens[:, : int(ends.max())], images, self.at))
            best = self.reader.logits(features[rows, ends - 1]).argmax(-1)
            done |= best == self.tokenizer.turn_end
            if done.all():
                break
            tokens[rows[~done], ends[~done]] = best[~done]
            ends[~done] += 1
        new = (row[len(prompt) : end].tolist() for row, prompt, end in zip(tokens, prompts, ends))
        return [self.tokenizer.decode(ids) for ids in new]

    def answers(self, asked):
        """asked: list of (turns, image, expected answer) -> list of texts. Only unexpected ones take a pass a token."""
        prompts = [self.prompt(turns) for turns, _, _ in asked]
        images = torch.from_numpy(numpy.stack([image for _, image, _ in asked]))
        texts = [expected for _, _, expected in asked]
        others = [row for row, same in enumerate(self.says(prompts, images, texts)) if not same]
        if others:
            for row, text in zip(others, self.continued([prompts[row] for row in others], images[others])):
                texts[row] = text
        return texts


def short_question(kind, scene, random):
    """-> (question, answer) of the kind place, count or claim."""
    if kind == "place":
        place = random.randrange(4)
        return where(place), named(scene[place])
    if kind == "count":
        return COUNT, f"{NUMBERS[len(sentences(scene))]}."
    question, answer = judged(scene, claim(scene, random))
    return question["text"], answer["text"]


def question_of(kind, scene, random):
    """-> (turns before the answer, the right answer). Those that end in "later" come after other turns."""
    if kind == "description":
        return [ask(WHAT)], describe(scene)
    if kind in ("place", "count", "claim"):
        text, right = short_question(kind, scene, random)
        return [ask(text)], right
    if kind.endswith(" later"):
        text, right = short_question(kind.split()[0], scene, random)
        return conversation(scene, random) + [ask(text)], right
    told = scene if kind == "listing" and random.random() < 0.5 else mistaken(scene, random, 1)
    while kind == "repair" and not wrong_sentences(scene, told):
        told = mistaken(scene, random, random.choice((1, 2)))
    if kind == "listing":
        return [ask(WHAT), reply(describe(told)), ask(LIST)], listed(sentences(told))
    return [ask(WHAT), reply(describe(told)), ask(repair(wrong_sentences(scene, told)))], describe(scene)


FIRST = ("description", "place", "count", "claim", "listing", "repair")
KINDS_OF_QUESTION = (*FIRST, "place later", "count later", "claim later")


def held_out_questions(kind, count, seed):
    """-> list of (scene, image, turns, right answer) about arrangements that are never trained on."""
    choices = random.Random(f"{kind} {seed}")
    made = []
    for _ in range(count):
        scene = any_scene(choices, test=True)
        made.append((scene, draw(scene, choices), *question_of(kind, scene, choices)))
    return made
