"""Trains a DFlash head on encoded chats: after tokens that the target would say, to say the next ones at once.

The learning rate rises over the first steps, stays, and falls to nothing over the last part of the minutes. What was
learnt is kept every few minutes.
"""
import argparse
import concurrent.futures
import os
import time

from target import Target  # first: it says where the others are

import torch

from dflash import MASK, Head, save_head
from muon import Muon
from tokenizer import Tokenizer
from train import Batches, keep_freed_memory, take_step


def places_of(learn, blocks):
    """learn: rows x length, of the token after -> some places where blocks begin, rows x blocks."""
    order = torch.where(learn, torch.rand(learn.shape), learn.new_zeros(()).float())
    return order.topk(min(blocks, learn.shape[1]), dim=1).indices


def losses_of(head, target, tokens, learn, blocks):
    """-> (losses, shares of the target's first choices that are the head's too), of each place of a block."""
    with torch.no_grad():
        states, features = target.run(tokens, head.layers)
    places = places_of(learn, blocks)
    said = head(target, states, tokens, places)[..., 1:, :]
    ahead = places[..., None] + torch.arange(head.block - 1)
    inside = ahead < tokens.shape[1]
    ahead = ahead.clamp(max=tokens.shape[1] - 1)
    row = torch.arange(len(tokens))[:, None, None].expand_as(ahead)
    # A block ends where the target's turn does.
    counts = (inside & learn[row, ahead]).int().cumprod(-1).bool()
    wanted, ours = features[row[counts], ahead[counts]], said[counts]
    theirs, ours = target.logits(wanted).float(), target.logits(ours).float()
    loss = -(theirs.softmax(-1) * ours.log_softmax(-1)).sum(-1)
    right = (theirs.argmax(-1) == ours.argmax(-1)).float()
    spread = lambda values: torch.zeros(counts.shape).masked_scatter(counts, values).sum((0, 1)) / counts.sum((0, 1))
    return spread(loss), spread(right)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", default="models/reprise-2m.gguf")
    parser.add_argument("--layers", type=int, nargs="+", default=[1, 3, 5], help="of the target, whose inputs are read")
    parser.add_argument("--depth", type=int, default=2, help="layers of its own")
    parser.add_argument("--block", type=int, default=6, help="rows of a block, the last known token's included")
    parser.add_argument("--vocabulary", default="build/train/vocabulary.json")
    parser.add_argument("--data", nargs="+", default=["build/train/chats.npz"])
    parser.add_argument("--out", default="build/train/dflash")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--batch-tokens", type=int, default=1024, help="of one worker")
    parser.add_argument("--blocks", type=int, default=48, help="of each row of a batch")
    parser.add_argument("--fade", type=float, default=0.8, help="what each further place counts, of the one before")
    parser.add_argument("--lr", type=float, default=0.004, help="of Muon")
    parser.add_argument("--adam-lr", type=float, default=0.002, help="of the norms")
    parser.add_argument("--warmup", type=int, default=40, help="optimizer steps")
    parser.add_argument("--decay", type=float, default=0.5, help="part of the time over which the rate falls")
    parser.add_argument("--weight-decay", type=float, default=0.02)
    parser.add_argument("--keep-every", type=float, default=3, help="minutes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="batches computed at once, a core each")
    options = parser.parse_args()

    keep_freed_memory()
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    pool = concurrent.futures.ThreadPoolExecutor(options.workers, initializer=torch.set_num_threads, initargs=(1,))
    target = Target(options.target)
    if min(options.layers) < 0 or max(options.layers) >= target.shape.layers:
        parser.error(f"the target has layers 0 to {target.shape.layers - 1}")
    mask = Tokenizer.load(options.vocabulary).ids[MASK]
    head = Head(target.shape, sorted(options.layers), options.depth, options.block, mask)
    head.start_copying(target)
    parameters = list(head.parameters())
    optimizers = [
        Muon([p for p in parameters if p.dim() == 2], options.lr, weight_decay=options.weight_decay),
        torch.optim.AdamW([p for p in parameters if p.dim() < 2], options.adam_lr, betas=(0.9, 0.98), weight_decay=0.0),
    ]
    rates = [options.lr, options.adam_lr]
    batches = Batches(options.data, options.batch_tokens, options.seed)
    with torch.no_grad():
        states, _ = target.run(batches.take()[0], head.layers)
    head.spread.copy_(states.flatten(0, 1).pow(2).mean(0).sqrt())
    fade = options.fade ** torch.arange(options.block - 1)
    os.makedirs(options.out, exist_ok=True)
    print(f"{sum(p.numel() for p in parameters) / 1e6:.2f} M parameters, {len(batches.chats)} chats", flush=True)

    def gradients(batch):
        tokens, _, learn = batch
        with torch.autocast("cpu", torch.bfloat16):
            losses, right = losses_of(head, target, tokens, learn, options.blocks)
        found = torch.autograd.grad((losses.nan_to_num() * fade).sum() / fade.sum(), parameters)
        return found, torch.stack([losses.detach(), right])

    step, seen, smooth = 0, 0, None
    began = kept = time.time()
    while (part := (time.time() - began) / 60 / options.minutes) < 1:
        rate = min((step + 1) / options.warmup, 1, (1 - part) / options.decay)
        taken = [batches.take() for _ in range(options.workers)]
        now = take_step(pool, gradients, taken, parameters, optimizers, [base * rate for base in rates])
        step, seen = step + 1, seen + sum(tokens.numel() for tokens, _, _ in taken)
        smooth = now if smooth is None else smooth.lerp(now, 0.05)
        if step % 20 == 0:
            losses, right = (" ".join(f"{value:.3f}" for value in row) for row in smooth.tolist())
            speed = seen / (time.time() - began)
            print(f"{step} {seen / 1e6:.2f} M loss {losses} right {right} rate {rate:.3f} {speed:.0f}/s", flush=True)
        if time.time() - kept > 60 * options.keep_every:
            kept = time.time()
            save_head(head, options.out)
    save_head(head, options.out)


if __name__ == "__main__":
    main()
