"""Trains a draft head on encoded chats: at each token that the target would say, to say what the target says next.

The learning rate rises over the first steps, stays, and falls to nothing over the last part of the minutes.
"""
import argparse
import concurrent.futures
import json
import os
import time

from target import Target  # first: it says where the others are

import torch

from eagle3 import MOST_STEPS, Drafts, Head
from muon import Muon
from train import Batches, keep_freed_memory, take_step

GRAIN = 64  # drafts of a row and rows of logits are rounded up to multiples: a kernel is made for each shape


def places_of(learn):
    """learn: rows x length, of the token after -> (where drafts begin, whether they count), rows x drafts each."""
    begin = torch.cat([learn[:, 1:], learn.new_zeros(len(learn), 1)], 1)
    drafts = min(begin.shape[1], -(-int(begin.sum(1).max()) // GRAIN) * GRAIN)
    places = begin.int().argsort(dim=1, descending=True, stable=True)[:, :drafts]
    return places, begin.gather(1, places)


def losses_of(head, target, tokens, targets, learn, steps):
    """-> (losses, shares of the target's first choices that are the head's too), of each step.

    Training-time test: from the second step on the head reads its own output in place of the target's states.
    """
    with torch.no_grad():
        states, features = target.run(tokens, head.layers)
        wanted = target.logits(features)
    places, counted = places_of(learn)
    drafts = Drafts(head, target, states, targets, places)
    row = torch.arange(len(tokens), device=tokens.device)[:, None].expand_as(places)
    losses, right = [], []
    for step in range(1, steps + 1):
        features = drafts.step(targets[row, (places + step - 1).clamp(max=tokens.shape[1] - 1)])
        said_at = (places + step).clamp(max=tokens.shape[1] - 1)
        counts = (counted & (places + step < tokens.shape[1]) & learn[row, said_at]).flatten()
        chosen = counts.int().argsort(descending=True)[: -(-int(counts.sum()) // GRAIN) * GRAIN]
        weight = counts[chosen].float() / counts.sum()
        theirs = wanted[row.flatten()[chosen], said_at.flatten()[chosen]].float()
        ours = target.logits(features.flatten(0, 1)[chosen]).float()
        losses.append(-((theirs.softmax(-1) * ours.log_softmax(-1)).sum(-1) * weight).sum())
        right.append(((theirs.argmax(-1) == ours.argmax(-1)) * weight).sum())
    return torch.stack(losses), torch.stack(right)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", default="models/reprise-2m.gguf")
    parser.add_argument("--layers", type=int, nargs=3, default=[1, 3, 5], help="of the target, whose inputs are read")
    parser.add_argument("--data", nargs="+", default=["build/train/chats.npz"])
    parser.add_argument("--out", default="build/train/eagle3")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--batch-tokens", type=int, default=1536, help="of one worker")
    parser.add_argument("--steps", type=int, default=3, help="tokens that a draft is unrolled for")
    parser.add_argument("--fade", type=float, default=0.8, help="what each further step counts, of the one before")
    parser.add_argument("--lr", type=float, default=0.004, help="of Muon")
    parser.add_argument("--adam-lr", type=float, default=0.002, help="of the norms")
    parser.add_argument("--warmup", type=int, default=40, help="optimizer steps")
    parser.add_argument("--decay", type=float, default=0.5, help="part of the time over which the rate falls")
    parser.add_argument("--weight-decay", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="batches computed at once, a core each")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="bfloat16")
    options = parser.parse_args()

    keep_freed_memory()
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    pool = concurrent.futures.ThreadPoolExecutor(options.workers, initializer=torch.set_num_threads, initargs=(1,))
    target = Target(options.target)
    if options.steps > MOST_STEPS:
        parser.error(f"drafts have {MOST_STEPS} steps at most")
    if min(options.layers) < 0 or max(options.layers) >= target.shape.layers:
        parser.error(f"the target has layers 0 to {target.shape.layers - 1}")
    head = Head(target.shape, sorted(options.layers))
    head.start_copying(target)
    target.to(device)
    head.to(device)
    parameters = list(head.parameters())
    matrices = [p for p in parameters if p.dim() == 2]
    norms = [p for p in parameters if p.dim() < 2]
    optimizers = [
        Muon(matrices, options.lr, weight_decay=options.weight_decay),
        torch.optim.AdamW(norms, options.adam_lr, betas=(0.9, 0.98), weight_decay=0.0),
    ]
    rates = [options.lr, options.adam_lr]
    batches = Batches(options.data, options.batch_tokens, options.seed)
    with torch.no_grad():
        states, _ = target.run(batches.take()[0].to(device), head.layers)
    head.spread.copy_(states.flatten(0, 1).pow(2).mean(0).sqrt())
    fade = options.fade ** torch.arange(options.steps, device=device)
    os.makedirs(options.out, exist_ok=True)
    with open(os.path.join(options.out, "head.json"), "w", encoding="utf-8") as file:
        json.dump({"layers": head.layers}, file)
    millions = sum(p.numel() for p in parameters) / 1e6
    print(f"{millions:.2f} M parameters, {len(batches.chats)} chats, {device}", flush=True)

    def gradients(batch):
        with torch.autocast(device, torch.bfloat16, enabled=options.precision == "bfloat16"):
            losses, right = losses_of(head, target, *(part.to(device) for part in batch), options.steps)
        found = torch.autograd.grad((losses * fade).sum() / fade.sum(), parameters)
        return found, torch.stack([losses.detach(), right])

    step, seen, smooth = 0, 0, None
    began = since = time.time()
    since_seen = 0
    while (part := (time.time() - began) / 60 / options.minutes) < 1:
        rate = min((step + 1) / options.warmup, 1, (1 - part) / options.decay)
        taken = [batches.take() for _ in range(options.workers)]
        now = take_step(pool, gradients, taken, parameters, optimizers, [base * rate for base in rates])
        step, seen = step + 1, seen + sum(tokens.numel() for tokens, _, _ in taken)
        smooth = now if smooth is None else smooth.lerp(now, 0.05)
        if step % 20 == 0:
            speed = (seen - since_seen) / (time.time() - since)
            since, since_seen = time.time(), seen
            losses, right = (" ".join(f"{value:.3f}" for value in row) for row in smooth.tolist())
            print(f"{step} {seen / 1e6:.2f} M loss {losses} right {right} rate {rate:.3f} {speed:.0f}/s", flush=True)
    torch.save(head.state_dict(), os.path.join(options.out, "head.pt"))


if __name__ == "__main__":
    main()
