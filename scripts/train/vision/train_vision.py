"""Trains the vision model: first the eye alone on what stands where, then all of it on conversations.

Every image and every conversation is drawn anew from the seed and the step, so nothing is seen twice. Writing a number
of minutes into a file named "finish" in the output folder makes those the last ones.
"""
import argparse
import dataclasses
import json
import os
import random
import time

from vision import PLACEHOLDER, Reader, Sight, encode_conversation, image_at  # first: it says where the others are

import numpy
import torch
from torch.nn import functional

from chats import conversation
from copying import start_copying
from model import Shape
from muon import Muon
from scenes import KINDS, any_scene, draw
from tokenizer import Tokenizer
from train import keep_freed_memory, loss_of, padded

SHAPE = Shape(width=128, layers=4)
NUMBER = {thing: index for index, thing in enumerate(KINDS)}
POOL = 512  # conversations that are sorted by length and cut into batches


def labels(scenes):
    return torch.tensor([[NUMBER[thing] for thing in scene] for scene in scenes])


class Batches:
    """Batches of about `tokens` tokens, conversations of like length together; by seed and pool alone."""

    def __init__(self, tokenizer, tokens, seed, pool=0):
        self.tokenizer, self.tokens, self.seed, self.pool, self.waiting = tokenizer, tokens, seed, pool, []

    def fill(self):
        choices = random.Random(f"{self.seed} {self.pool}")
        self.pool += 1
        rows = []
        for _ in range(POOL):
            scene = any_scene(choices)
            turns = conversation(scene, choices)
            ids, learn = encode_conversation(self.tokenizer, turns, choices)
            rows.append((scene, draw(scene, choices), ids, learn, self.claims(scene, turns, ids)))
        rows.sort(key=lambda row: len(row[2]))
        batch = []
        for row in rows:
            if batch and (len(batch) + 1) * padded(len(row[2])) > self.tokens:
                self.waiting.append(batch)
                batch = []
            batch.append(row)
        self.waiting.append(batch)
        choices.shuffle(self.waiting)

    def claims(self, scene, turns, ids):
        """-> list of (place of the token before a Yes or No, what stands there, what is said to)."""
        begins = [place for place, token in enumerate(ids) if token == self.tokenizer.turn]
        head = len(self.tokenizer.encode("assistant\n"))
        return [
            (begin + head, NUMBER[scene[turn["claim"][0]]], NUMBER[turn["claim"][1]])
            for begin, turn in zip(begins, turns)
            if "claim" in turn
        ]

    def take(self):
        """-> (scenes, images, tokens, targets, learn, claims). Tokens, targets and learn: rows x length each.

        Claims: n x 4, the row, and then as in `claims`.
        """
        if not self.waiting:
            self.fill()
        rows = self.waiting.pop()
        length = padded(max(len(ids) for _, _, ids, _, _ in rows)) + 1
        tokens = numpy.full((len(rows), length), PLACEHOLDER, numpy.int64)
        learn = numpy.zeros((len(rows), length), bool)
        for row, (_, _, ids, mask, _) in enumerate(rows):
            tokens[row, : len(ids)] = ids
            learn[row, : len(mask)] = mask
        images = torch.from_numpy(numpy.stack([image for _, image, _, _, _ in rows]))
        tokens, learn = torch.from_numpy(tokens), torch.from_numpy(learn)
        claims = torch.tensor([(row, *found) for row, line in enumerate(rows) for found in line[4]]).view(-1, 4)
        return [line[0] for line in rows], images, tokens[:, :-1], tokens[:, 1:], learn[:, 1:], claims


def place_loss(reader, scenes, images):
    logits, wanted = reader.place_logits(images).float().flatten(0, 1), labels(scenes).flatten()
    return functional.cross_entropy(logits, wanted), (logits.argmax(-1) == wanted).float().mean()


def claim_losses(reader, claims, targets):
    """-> (loss of Yes and No, loss of what they hang on, share of Yes and No that are right)."""
    if not len(claims):
        return (torch.zeros(()),) * 3
    rows, columns, kinds = claims[:, 0], claims[:, 1], claims[:, 2:]
    answers, told = reader.claim_logits(rows, columns)
    wanted = targets[rows, columns]
    right = (answers.argmax(-1) == wanted).float().mean()
    hang_on = functional.cross_entropy(told.float().flatten(0, 1), kinds.flatten())
    return functional.cross_entropy(answers.float(), wanted), hang_on, right


def optimizers_of(reader, options):
    hidden, others = [], []
    for name, parameter in reader.named_parameters():
        outer = any(part in name for part in ("embedding", "position", "places", "claims", "eye.patch"))
        (others if outer or parameter.dim() != 2 else hidden).append(parameter)
    return [
        Muon(hidden, options.lr, weight_decay=options.weight_decay),
        torch.optim.AdamW(others, options.adam_lr, betas=(0.9, 0.98), weight_decay=0.0),
    ]


class Training:
    def __init__(self, options):
        self.options = options
        self.tokenizer = Tokenizer.load(options.vocabulary)
        self.at = image_at(self.tokenizer)
        self.reader = Reader(SHAPE, Sight())
        start_copying(self.reader.text)
        names = {"model": "text", "eye": "eye", "places": "places", "claims": "claims"}
        self.parts = {name: getattr(self.reader, part) for name, part in names.items()}
        self.optimizers = optimizers_of(self.reader, options)
        self.rates = [options.lr, options.adam_lr]
        self.step, self.eye_steps, self.batches = 0, 0, Batches(self.tokenizer, options.batch_tokens, options.seed)
        self.checkpoint = os.path.join(options.out, "checkpoint.pt")
        os.makedirs(options.out, exist_ok=True)
        for name, value in (("shape", SHAPE), ("sight", Sight())):
            with open(os.path.join(options.out, f"{name}.json"), "w", encoding="utf-8") as file:
                json.dump(dataclasses.asdict(value), file)
        if options.resume:
            saved = torch.load(self.checkpoint)
            for name, part in self.parts.items():
                part.load_state_dict(saved[name])
            for optimizer, state in zip(self.optimizers, saved["optimizers"]):
                optimizer.load_state_dict(state)
            self.step, self.eye_steps, self.batches.pool = saved["step"], saved["eye_steps"], saved["pool"]

    def save(self):
        """The text model under the name that convert.py looks for."""
        state = {name: part.state_dict() for name, part in self.parts.items()}
        state.update(optimizers=[optimizer.state_dict() for optimizer in self.optimizers])
        state.update(step=self.step, eye_steps=self.eye_steps, pool=self.batches.pool)
        torch.save(state, f"{self.checkpoint}.new")
        os.replace(f"{self.checkpoint}.new", self.checkpoint)

    def learn(self, loss, rate):
        for optimizer, base in zip(self.optimizers, self.rates):
            for group in optimizer.param_groups:
                group["lr"] = base * rate
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.reader.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()

    def look(self, steps):
        """The eye alone, on the four places of images."""
        while self.eye_steps < steps:
            choices = random.Random(f"eye {self.options.seed} {self.eye_steps}")
            scenes = [any_scene(choices) for _ in range(96)]
            images = torch.from_numpy(numpy.stack([draw(scene, choices) for scene in scenes]))
            with torch.autocast("cpu", torch.bfloat16):
                loss, right = place_loss(self.reader, scenes, images)
            self.learn(loss, min(1, (self.eye_steps + 1) / self.options.warmup))
            self.eye_steps += 1
            if self.eye_steps % 50 == 0:
                print(f"eye {self.eye_steps}/{steps} loss {loss.item():.4f} places {right.item():.3f}", flush=True)

    def read(self, minutes):
        """Conversations and places together. The rate falls to nothing over the last part of the time."""
        options, began, saved_at, smooth, tokens_seen = self.options, time.time(), time.time(), None, 0
        finish = os.path.join(options.out, "finish")
        decay = minutes * options.decay
        while True:
            passed = (time.time() - began) / 60
            if os.path.exists(finish):
                with open(finish, encoding="utf-8") as file:
                    decay = float(file.read())
                minutes = passed + decay
                os.remove(finish)
            if passed >= minutes:
                break
            rate = min(1, (self.step + 1) / options.warmup, (minutes - passed) / decay)
            scenes, images, tokens, targets, learn, claims = self.batches.take()
            with torch.autocast("cpu", torch.bfloat16):
                loss, right = loss_of(self.reader, (tokens, images, self.at), targets, learn)
                yes_no, hang_on, judged = claim_losses(self.reader, claims, targets)
                seen_loss, seen_right = place_loss(self.reader, scenes, images)
            helping = options.place_weight * seen_loss + options.claim_weight * (yes_no + hang_on)
            self.learn(loss + helping, rate)
            self.step, tokens_seen = self.step + 1, tokens_seen + tokens.numel()
            now = torch.stack([loss.detach(), right, seen_right, judged, hang_on.detach()])
            smooth = now if smooth is None else smooth.lerp(now, 0.05)
            if self.step % 20 == 0:
                speed = tokens_seen / (time.time() - began)
                print(
                    f"{self.step} {passed:.1f}/{minutes:.1f} min loss {smooth[0]:.4f} right {smooth[1]:.4f} "
                    f"places {smooth[2]:.4f} claims {smooth[3]:.4f} {smooth[4]:.4f} rate {rate:.3f} {speed:.0f}/s",
                    flush=True,
                )
            if time.time() - saved_at > options.save_every * 60:
                self.save()
                saved_at = time.time()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocabulary", default="build/train/vocabulary.json")
    parser.add_argument("--out", default="build/train/vision")
    parser.add_argument("--eye-steps", type=int, default=300, help="of 96 images each, before any text")
    parser.add_argument("--minutes", type=float, default=40, help="of conversations")
    parser.add_argument("--batch-tokens", type=int, default=4096)
    parser.add_argument("--lr", type=float, default=0.004, help="of Muon")
    parser.add_argument("--adam-lr", type=float, default=0.002, help="of embeddings, biases and norms")
    parser.add_argument("--place-weight", type=float, default=0.3, help="of the loss on the four places")
    parser.add_argument("--claim-weight", type=float, default=0.4, help="of the losses on Yes and No")
    parser.add_argument("--warmup", type=int, default=60, help="steps")
    parser.add_argument("--decay", type=float, default=0.45, help="part of the minutes over which the rate falls")
    parser.add_argument("--weight-decay", type=float, default=0.02)
    parser.add_argument("--save-every", type=float, default=2, help="minutes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in the output folder")
    options = parser.parse_args()
    keep_freed_memory()
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    training = Training(options)
    for name, part in (("text", training.reader.text), ("eye", training.reader.eye)):
        print(f"{name}: {sum(p.numel() for p in part.parameters()) / 1e6:.2f} M parameters", flush=True)
    training.look(options.eye_steps)
    training.save()
    training.read(options.minutes)
    training.save()


if __name__ == "__main__":
    main()
