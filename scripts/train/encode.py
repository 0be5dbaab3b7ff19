"""Encodes chats into arrays that the trainer maps into memory: token ids, what to learn, where chats begin."""
import argparse
import json
import random

import numpy

from tokenizer import Tokenizer


def encode_chat(tokenizer, turns, choices):
    """turns -> (token ids, 1 where the token is to be learnt): ChatML, as in the GGUF's template.

    A turn's first piece may begin with the line break before it ("\\n```"), as it does wherever a whole conversation
    is tokenized; a reply under way begins after that break. Replies come both ways, a third of them the first.
    """
    ids, learn = [], []
    for turn in turns:
        head, text = f"{turn['role']}\n", turn["text"]
        if not turn["learn"] or choices.random() < 1 / 3:
            joined = tokenizer.encode(head + text)
            before = next(n for n in range(len(joined) + 1) if len(tokenizer.decode(joined[:n])) >= len(head))
            head_ids, text_ids = joined[:before], joined[before:]
        else:
            head_ids, text_ids = tokenizer.encode(head), tokenizer.encode(text)
        body = [*text_ids, tokenizer.turn_end]
        tail = tokenizer.encode("\n")
        ids += [tokenizer.turn, *head_ids, *body, *tail]
        learn += [0] * (1 + len(head_ids)) + [int(turn["learn"])] * len(body) + [0] * len(tail)
    return ids, learn


def main():
    parser = argparse.ArgumentParser(description="Encodes chats for the trainer.")
    parser.add_argument("--chats", default="build/train/chats.jsonl")
    parser.add_argument("--vocabulary", default="build/train/vocabulary.json")
    parser.add_argument("--out", default="build/train/chats.npz")
    options = parser.parse_args()
    tokenizer = Tokenizer.load(options.vocabulary)
    choices = random.Random(1)
    tokens, learns, starts = [], [], [0]
    with open(options.chats, encoding="utf-8") as file:
        for line in file:
            ids, learn = encode_chat(tokenizer, json.loads(line)["turns"], choices)
            tokens.append(numpy.array(ids, numpy.uint16))
            learns.append(numpy.array(learn, numpy.bool_))
            starts.append(starts[-1] + len(ids))
    numpy.savez(
        options.out,
        tokens=numpy.concatenate(tokens),
        learn=numpy.concatenate(learns),
        starts=numpy.array(starts, numpy.int64),
    )
    lengths = numpy.diff(starts)
    learnt = sum(learn.sum() for learn in learns) / starts[-1]
    print(f"{len(lengths)} chats, {starts[-1]} tokens, {learnt:.0%} to learn, lengths {numpy.percentile(lengths, [5, 50, 95, 100])}")


if __name__ == "__main__":
    main()
