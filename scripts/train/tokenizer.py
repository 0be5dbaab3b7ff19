"""The vocabulary of the embedded model: byte-pair encoding of pieces that are letters, a digit, or neither.

No piece mixes letters with what stands around them, so a word is the same tokens after a space, a bracket or a
quotation mark, and copying it is copying tokens. Only the commonest words have pieces that include their spaces.

Algorithm: Sennrich, Haddow, Birch, "Neural Machine Translation of Rare Words with Subword Units", 2016. Encoding
merges the best-scored pair first, which is what llama.cpp does with a vocabulary of the type "llama".
"""
import argparse
import collections
import json
import re

UNITS = re.compile(r"[A-Z]?[a-z]+|[A-Z]|[0-9]|[^A-Za-z0-9]+")
UNKNOWN, BEGIN, END, TURN, TURN_END = "<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"
SPECIAL = [UNKNOWN, BEGIN, END, TURN, TURN_END]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
CHARACTERS = [chr(code) for code in range(32, 127)] + ["\n"]
SPACED_WORDS = 32


class Tokenizer:
    """pieces: list of str, spaces written as spaces; merges are scored by their order."""

    def __init__(self, pieces):
        self.pieces = pieces
        self.ids = {piece: index for index, piece in enumerate(pieces)}
        first = len(SPECIAL) + len(BYTES)
        self.rank = {piece: index for index, piece in enumerate(pieces) if index >= first}
        self.turn, self.turn_end = self.ids[TURN], self.ids[TURN_END]
        self.cache = {}

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            return cls(json.load(file))

    def score(self, index):
        """What llama.cpp orders merges by: the higher, the sooner."""
        return -float(index)

    def merge(self, symbols):
        while len(symbols) > 1:
            pairs = [a + b for a, b in zip(symbols, symbols[1:])]
            best = min(pairs, key=lambda pair: self.rank.get(pair, 1 << 30))
            if best not in self.rank:
                break
            at = pairs.index(best)
            symbols[at : at + 2] = [best]
        return symbols

    def unit(self, text):
        symbols = self.cache.get(text)
        if symbols is None:
            symbols = self.cache[text] = self.merge(list(text))
        return symbols

    def encode(self, text):
        """text -> list of token ids, control tokens never among them."""
        symbols = [symbol for unit in UNITS.findall(text) for symbol in self.unit(unit)]
        ids, spaced = [], []
        for symbol in symbols:
            if symbol == " " and spaced and spaced[-1] + " " in self.rank and spaced[-1].isalpha():
                spaced[-1] += " "
                if len(spaced) > 1 and spaced[-2] == " " and " " + spaced[-1] in self.rank:
                    spaced[-2:] = [" " + spaced[-1]]
            else:
                spaced.append(symbol)
        for symbol in spaced:
            known = self.ids.get(symbol)
            ids.extend([known] if known is not None else [self.ids[BYTES[b]] for b in symbol.encode()])
        return ids

    def decode(self, ids):
        return "".join(self.pieces[index] for index in ids)


def count_units(texts):
    units, spaced = collections.Counter(), collections.Counter()
    for text in texts:
        found = UNITS.findall(text)
        units.update(found)
        spaced.update(b for b, c in zip(found, found[1:]) if c == " " and b.isalpha())
    return units, spaced


def train(texts, size):
    """texts -> pieces. Pairs are merged while there is room, the most frequent first."""
    units, spaced = count_units(texts)
    pieces = SPECIAL + BYTES + CHARACTERS
    words = [(list(unit), count) for unit, count in units.items() if len(unit) > 1 and unit.isascii()]
    pairs, where = collections.Counter(), collections.defaultdict(set)
    for index, (symbols, count) in enumerate(words):
        for pair in zip(symbols, symbols[1:]):
            pairs[pair] += count
            where[pair].add(index)
    known = set(pieces)
    while len(pieces) < size - 2 * SPACED_WORDS and pairs:
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        joined = "".join(best)
        if joined not in known:
            known.add(joined)
            pieces.append(joined)
        for index in list(where[best]):
            symbols, count = words[index]
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] -= count
            at = 0
            while at < len(symbols) - 1:
                if (symbols[at], symbols[at + 1]) == best:
                    symbols[at : at + 2] = [joined]
                at += 1
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += count
                where[pair].add(index)
        del pairs[best]
    common = [word for word, _ in spaced.most_common() if word in known][:SPACED_WORDS]
    return pieces + [word + " " for word in common] + [" " + word + " " for word in common]


def main():
    parser = argparse.ArgumentParser(description="Trains the vocabulary on generated chats.")
    parser.add_argument("--chats", default="build/train/chats.jsonl")
    parser.add_argument("--limit", type=int, default=20000, help="chats to read")
    parser.add_argument("--size", type=int, default=2048, help="pieces")
    parser.add_argument("--out", default="build/train/vocabulary.json")
    options = parser.parse_args()
    with open(options.chats, encoding="utf-8") as file:
        chats = [json.loads(line) for line, _ in zip(file, range(options.limit))]
    texts = [f"\n{turn['text']}" for chat in chats for turn in chat["turns"]] + ["\nuser\n", "\nassistant\n", "\nsystem\n"]
    pieces = train(texts, options.size)
    tokenizer = Tokenizer(pieces)
    characters = tokens = 0
    for text in texts[:5000]:
        ids = tokenizer.encode(text)
        assert tokenizer.decode(ids) == text
        characters, tokens = characters + len(text), tokens + len(ids)
    with open(options.out, "w", encoding="utf-8") as file:
        json.dump(pieces, file, ensure_ascii=False)
    print(f"{len(pieces)} pieces, {characters / tokens:.2f} characters a token")


if __name__ == "__main__":
    main()
