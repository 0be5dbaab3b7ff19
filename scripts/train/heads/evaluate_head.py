"""Measures a head on the target's own greedy replies to held-out chats, and llama-server on the same ones.

For llama-server, start it with the target, the head, "--spec-type draft-eagle3" or "draft-dflash", and as many tokens a
draft as "--draft" says here.
"""
import argparse
import importlib
import json
import urllib.request

from target import Target  # first: it says where the others are

import numpy
import torch

from tokenizer import Tokenizer


def last_reply(chat):
    """chat: (tokens, what is learnt) -> (tokens before the last reply, its tokens)."""
    tokens, learn = (part.tolist() for part in chat)
    end = len(learn) - learn[::-1].index(True)
    begin = end - learn[:end][::-1].index(False)
    return tokens[:begin], tokens[begin:end]


def own_reply(target, prompt, guess, end, most, more):
    """-> what the target says, `more` tokens past the end of its turn; None if that does not come soon enough.

    Each pass says what follows every token of a guess. Up to its first mistake that is right, and beyond it the next
    guess.
    """
    while True:
        _, features = target.run(torch.tensor([prompt + guess]), (0,))
        said = target.logits(features[0, len(prompt) - 1 :]).argmax(-1).tolist()
        right = next((at for at, (a, b) in enumerate(zip(guess, said)) if a != b), len(guess)) + 1
        if end in said[:right]:
            length = said.index(end) + 1 + more
            if length <= right:
                return said[:length]
        elif right >= most:
            return None
        guess = said[: most + more]


def ask(url, prompt, most):
    body = {"prompt": prompt, "n_predict": most, "temperature": 0, "cache_prompt": False, "return_tokens": True}
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"{url}/completion", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", default="models/reprise-2m.gguf")
    parser.add_argument("--kind", choices=["eagle3", "dflash"], default="eagle3")
    parser.add_argument("--run", help="the trainer's output folder; build/train/KIND without")
    parser.add_argument("--vocabulary", default="build/train/vocabulary.json")
    parser.add_argument("--data", default="build/train/test.npz", help="encoded chats of the test split")
    parser.add_argument("--count", type=int, default=100, help="chats")
    parser.add_argument("--most", type=int, default=256, help="tokens of a reply; chats with longer ones are left out")
    parser.add_argument("--draft", type=int, default=4, help="tokens of a draft")
    parser.add_argument("--server", help="llama-server's address")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    target = Target(options.target)
    kind = importlib.import_module(options.kind)
    head = kind.load_head(options.run or f"build/train/{options.kind}", target)
    end = Tokenizer.load(options.vocabulary).turn_end
    data = numpy.load(options.data)
    tokens, learn, starts = data["tokens"], data["learn"], data["starts"]
    chats = [(tokens[a:b], learn[a:b]) for a, b in zip(starts, starts[1:])][: options.count]

    steps = options.draft
    right, asked, chains = torch.zeros(steps), torch.zeros(steps), []
    walk, server = numpy.zeros(3, int), numpy.zeros(2, int)  # drafted, accepted, passes
    replies = same = 0
    for chat in chats:
        prompt, text = last_reply(chat)
        reply = own_reply(target, prompt, text[: options.most], end, options.most, steps)
        if reply is None:
            continue
        replies += 1
        said = torch.tensor(prompt + reply)
        first, count = len(prompt) - 1, len(reply) - steps - 1
        if count > 0:
            # What each draft should say, steps x places, and which of it belongs to the reply.
            places = first + torch.arange(count)
            ahead = torch.arange(1, steps + 1)[:, None]
            wanted = said[places + 1 + ahead]
            inside = places + 1 + ahead < len(said) - steps
            hits = kind.choices_of(head, target, said, places, steps, given=True) == wanted
            right += (hits & inside).sum(1)
            asked += inside.sum(1)
            accepted = (kind.choices_of(head, target, said, places, steps, given=False) == wanted).int().cumprod(0).sum(0)
            chains += accepted[inside[-1]].tolist()
            place = 0
            while place < count:
                walk += (steps, int(accepted[place]), 1)
                place += int(accepted[place]) + 1
        if options.server:
            answer = ask(options.server, prompt, options.most)
            same += answer["tokens"] == reply[:-steps]
            server += (answer["timings"].get("draft_n", 0), answer["timings"].get("draft_n_accepted", 0))

    print(f"{replies} replies of {len(chats)}, {int(asked[0]) + replies} tokens")
    shares = ", ".join(f"{share:.2%}" for share in (right / asked).tolist())
    print(f"the head's choice is the target's, at step 1, 2, ... given the tokens before: {shares}")
    print(f"accepted of {steps}, from any place: {numpy.mean(chains):.3f}")
    drafted, accepted, passes = walk
    print(f"one after the other: {accepted} of {drafted}, {accepted / drafted:.2%}, {accepted / passes:.3f} each")
    if options.server:
        drafted, accepted = server
        if drafted == 0:
            raise SystemExit("llama-server drafted nothing: is it given the head, and --spec-type draft-eagle3?")
        print(f"llama-server: {accepted} of {drafted} accepted, {accepted / drafted:.2%}; {same} replies the same")


if __name__ == "__main__":
    main()
