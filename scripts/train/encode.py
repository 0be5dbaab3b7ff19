"""Encodes chats into arrays that the trainer maps into memory: token ids, what to learn, where chats begin."""
import argparse
import json

import numpy

from tokenizer import Tokenizer


def encode_chat(tokenizer, turns):
    """turns -> (token ids, 1 where the token is to be learnt): ChatML, as in the GGUF's template."""
    ids, learn = [], []
    for turn in turns:
        head = [tokenizer.turn, *tokenizer.encode(f"{turn['role']}\n")]
        body = [*tokenizer.encode(turn["text"]), tokenizer.turn_end]
        tail = tokenizer.encode("\n")
        ids += head + body + tail
        learn += [0] * len(head) + [int(turn["learn"])] * len(body) + [0] * len(tail)
    return ids, learn


def main():
    parser = argparse.ArgumentParser(description="Encodes chats for the trainer.")
    parser.add_argument("--chats", default="build/train/chats.jsonl")
    parser.add_argument("--vocabulary", default="build/train/vocabulary.json")
    parser.add_argument("--out", default="build/train/chats.npz")
    options = parser.parse_args()
    tokenizer = Tokenizer.load(options.vocabulary)
    tokens, learns, starts = [], [], [0]
    with open(options.chats, encoding="utf-8") as file:
        for line in file:
            ids, learn = encode_chat(tokenizer, json.loads(line)["turns"])
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
