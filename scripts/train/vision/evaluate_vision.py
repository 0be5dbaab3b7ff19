"""How many of a trained model's answers about held-out arrangements are right, of each kind of question."""
import argparse

from answers import KINDS_OF_QUESTION, Answerer, held_out_questions

import torch

BATCH = 50


def parts_of(text):
    """Sentences of a description, or lines of a list."""
    return text.split("\n") if text.startswith("- ") else [part.strip(".") for part in text.split(". ")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", default="build/train/vision", help="the trainer's output folder")
    parser.add_argument("--vocabulary", default="build/train/vocabulary.json")
    parser.add_argument("--kinds", nargs="+", choices=KINDS_OF_QUESTION, default=KINDS_OF_QUESTION, metavar="KIND")
    parser.add_argument("--count", type=int, default=200, help="questions of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="prints so many wrong answers of each kind")
    options = parser.parse_args()
    torch.set_num_threads(1)
    answerer = Answerer(options.run, options.vocabulary)
    print(f"after {answerer.step} steps, {options.count} of each")
    for kind in options.kinds:
        questions = held_out_questions(kind, options.count, options.seed)
        whole = found = told = wanted = shown = 0
        for first in range(0, len(questions), BATCH):
            batch = questions[first : first + BATCH]
            answers = answerer.answers([(turns, image, right) for _, image, turns, right in batch])
            for (_, _, turns, right), said in zip(batch, answers):
                whole += said == right
                there, meant = set(parts_of(said)), set(parts_of(right))
                found, told, wanted = found + len(there & meant), told + len(there), wanted + len(meant)
                if said != right and shown < options.show:
                    shown += 1
                    print(f"  asked {turns[-1]['text']!r}\n  right {right!r}\n  said  {said!r}")
        line = f"{kind:16} {whole / len(questions):6.1%}"
        if kind in ("description", "listing", "repair"):
            line += f"   sentences: {found / wanted:.1%} found, {found / told:.1%} right"
        print(line, flush=True)


if __name__ == "__main__":
    main()
