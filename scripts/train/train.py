"""Trains the embedded model on encoded chats. Stops and goes on where it stopped (--resume).

The learning rate rises over the first steps, stays, and falls to nothing over the last part. A file named "finish"
in the output folder, holding a number of steps, makes those the last ones, the rate falling from where it is.
"""
import argparse
import concurrent.futures
import ctypes
import dataclasses
import json
import os
import time

# A kernel is made for each shape, which takes longer than its work: all are to be kept.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8192")
os.environ.setdefault("LRU_CACHE_CAPACITY", "8192")

import numpy
import torch
from torch.nn import functional

from copying import start_copying
from model import Model, Shape
from muon import Muon


def keep_freed_memory():
    """glibc gives large freed blocks back to the system, and getting them anew takes as long as the arithmetic."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        most_arenas, most_maps, trim_from, grow_by = -8, -4, -1, -2
        for setting, value in ((most_maps, 0), (trim_from, 2**31 - 1), (grow_by, 2**28)):
            libc.mallopt(setting, value)


IGNORED = -100


def padded(length):
    """The length of a row of so many tokens: few lengths, since a kernel is made for each shape."""
    grain = 64 if length <= 704 else 512
    return -(-length // grain) * grain


class Batches:
    """Batches of about `tokens` tokens: chats of like length, one a row, or now and then several to a long row."""

    def __init__(self, paths, tokens, seed):
        parts = [numpy.load(path) for path in paths]
        self.chats = [
            (part_tokens[a:b], part_learn[a:b])
            for part_tokens, part_learn, starts in ((part["tokens"], part["learn"], part["starts"]) for part in parts)
            for a, b in zip(starts, starts[1:])
        ]
        self.tokens, self.seed, self.epoch, self.next = tokens, seed, 0, 0
        self.plan()

    def plan(self):
        """The order of an epoch depends on the seed and the epoch alone, so that a resumed run sees what it would have."""
        random = numpy.random.default_rng((self.seed, self.epoch))
        order = random.permutation(len(self.chats))
        self.batches = []
        for pool in numpy.array_split(order, max(1, len(order) // 2048)):
            long, short = numpy.split(pool, [len(pool) // 16])
            self.batches += self.rows_by_length([[chat] for chat in short])
            self.batches += self.rows_by_length(numpy.array_split(long, max(1, len(long) // 5)))
        random.shuffle(self.batches)

    def rows_by_length(self, rows):
        length = lambda row: sum(len(self.chats[chat][0]) for chat in row)
        rows = sorted(rows, key=length)
        batches, batch = [], []
        for row in rows:
            if batch and (len(batch) + 1) * padded(length(row)) > self.tokens:
                batches.append(batch)
                batch = []
            batch.append(row)
        return batches + [batch]

    def take(self):
        """-> (tokens, targets, learn), rows x length each."""
        if self.next >= len(self.batches):
            self.epoch, self.next = self.epoch + 1, 0
            self.plan()
        rows = self.batches[self.next]
        self.next += 1
        chats = [[numpy.concatenate(part) for part in zip(*(self.chats[chat] for chat in row))] for row in rows]
        length = padded(max(len(ids) for ids, _ in chats)) + 1
        tokens = numpy.zeros((len(rows), length), numpy.int64)
        learn = numpy.zeros((len(rows), length), bool)
        for row, (ids, mask) in enumerate(chats):
            tokens[row, : len(ids)] = ids
            learn[row, : len(mask)] = mask
        return torch.from_numpy(tokens[:, :-1]), torch.from_numpy(tokens[:, 1:]), torch.from_numpy(learn[:, 1:])


def loss_of(model, tokens, targets, learn):
    """-> (mean loss, share of tokens whose best guess is right), of the tokens to learn alone."""
    wanted = torch.where(learn, targets, IGNORED).flatten()
    # Some of the others make the number a round one.
    places = learn.flatten().int().argsort(descending=True)[: -(-int(learn.sum()) // 128) * 128]
    logits = model.logits(model.features(tokens).flatten(0, 1)[places]).float()
    wanted = wanted[places]
    right = (logits.argmax(-1) == wanted).sum() / learn.sum()
    return functional.cross_entropy(logits, wanted, ignore_index=IGNORED), right


def gradients(model, batch, device, precision):
    """-> (gradients by parameter, tensor of loss and accuracy)."""
    tokens, targets, learn = (part.to(device) for part in batch)
    with torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16"):
        loss, accuracy = loss_of(model, tokens, targets, learn)
    return torch.autograd.grad(loss, list(model.parameters())), torch.stack([loss.detach(), accuracy])


def take_step(pool, gradients, taken, parameters, optimizers, rates):
    """Computes the batches that were taken, side by side, and moves the parameters by the mean of their gradients.

    gradients: of one batch, (gradients by parameter, tensor of what was measured) -> what was measured, on average.
    """
    for optimizer, rate in zip(optimizers, rates):
        for group in optimizer.param_groups:
            group["lr"] = rate
    done = list(pool.map(gradients, taken))
    for parameter, *found in zip(parameters, *(found for found, _ in done)):
        parameter.grad = torch.stack(found).mean(0)
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    for optimizer in optimizers:
        optimizer.step()
    return torch.stack([measured for _, measured in done]).mean(0)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="+", default=["build/train/chats.npz"])
    parser.add_argument("--out", default="build/train/run")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--minutes", type=float, help="ends after so many, whatever --steps says; the rate falls by time")
    parser.add_argument("--batch-tokens", type=int, default=3072, help="of one worker")
    parser.add_argument("--lr", type=float, default=0.004, help="of Muon")
    parser.add_argument("--adam-lr", type=float, default=0.002, help="of the embedding and the norms")
    parser.add_argument("--warmup", type=int, default=60, help="steps")
    parser.add_argument("--decay", type=float, default=0.35, help="part of the steps over which the rate falls")
    parser.add_argument("--weight-decay", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, help="batches computed at once, a core each; default: all cores, or 1 on a GPU")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="bfloat16")
    parser.add_argument("--resume", action="store_true")
    for field in dataclasses.fields(Shape):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=field.type, default=field.default)
    options = parser.parse_args()

    keep_freed_memory()
    torch.manual_seed(options.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    workers = options.workers or (os.cpu_count() if device == "cpu" else 1)
    # Threads that share one operation wait for each other at every one; workers wait once a step.
    torch.set_num_threads(1)
    pool = concurrent.futures.ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,))
    shape = Shape(**{field.name: getattr(options, field.name) for field in dataclasses.fields(Shape)})
    model = Model(shape)
    start_copying(model)
    model.to(device)
    hidden = [p for name, p in model.named_parameters() if p.dim() == 2 and "embedding" not in name]
    others = [p for name, p in model.named_parameters() if p.dim() < 2 or "embedding" in name]
    optimizers = [
        Muon(hidden, options.lr, weight_decay=options.weight_decay),
        torch.optim.AdamW(others, options.adam_lr, betas=(0.9, 0.98), weight_decay=0.0),
    ]
    rates = [options.lr, options.adam_lr]
    batches = Batches(options.data, options.batch_tokens, options.seed)
    os.makedirs(options.out, exist_ok=True)
    checkpoint, finish = os.path.join(options.out, "checkpoint.pt"), os.path.join(options.out, "finish")
    with open(os.path.join(options.out, "shape.json"), "w", encoding="utf-8") as file:
        json.dump(dataclasses.asdict(shape), file)
    step, seen, end, decay_from = 0, 0, options.steps, int(options.steps * (1 - options.decay))
    if options.resume:
        saved = torch.load(checkpoint, map_location=device)
        model.load_state_dict(saved["model"])
        for optimizer, state in zip(optimizers, saved["optimizers"]):
            optimizer.load_state_dict(state)
        step, seen = saved["step"], saved["seen"]
        batches.epoch, batches.next = saved["epoch"], saved["next"]
        batches.plan()
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters, {len(batches.chats)} chats, {device}", flush=True)

    def save():
        state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "step": step}
        state.update(seen=seen, epoch=batches.epoch, next=batches.next)
        torch.save(state, f"{checkpoint}.new")
        os.replace(f"{checkpoint}.new", checkpoint)

    rate, highest = 0.0, 1.0
    smooth, since, since_seen, saved_at = None, time.time(), seen, time.time()
    began, part = time.time(), 0.0
    while step < end and part < 1:
        if os.path.exists(finish):
            with open(finish, encoding="utf-8") as file:
                decay_from, end, highest = step, step + int(file.read()), rate
            os.remove(finish)
        falling = (end - step) / max(1, end - decay_from)
        if options.minutes:
            part = (time.time() - began) / 60 / options.minutes
            falling = min(falling, max(0.0, 1 - part) / options.decay)
        rate = min((step + 1) / options.warmup, highest, highest * falling)
        taken = [batches.take() for _ in range(workers)]
        of_batch = lambda batch: gradients(model, batch, device, options.precision)
        now = take_step(pool, of_batch, taken, list(model.parameters()), optimizers, [base * rate for base in rates])
        step, seen = step + 1, seen + sum(tokens.numel() for tokens, _, _ in taken)
        smooth = now if smooth is None else smooth.lerp(now, 0.05)
        if step % 20 == 0:
            speed = (seen - since_seen) / (time.time() - since)
            since, since_seen = time.time(), seen
            print(f"{step}/{end} {seen / 1e6:.2f} M loss {smooth[0]:.4f} right {smooth[1]:.4f} rate {rate:.3f} {speed:.0f}/s", flush=True)
        if time.time() - saved_at > 180:
            save()
            saved_at = time.time()
    save()
    torch.save(model.state_dict(), os.path.join(options.out, "model.pt"))


if __name__ == "__main__":
    main()
