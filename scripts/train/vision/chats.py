"""Conversations about a scene: questions, answers, and answers with mistakes that are to be noticed and repaired."""
from scenes import NUMBERS, PLACES, any_thing, describe, sentence, sentences

WHAT = "What is in the image?"
COUNT = "How many shapes are in the image?"
LIST = 'List what your answer says about the image, one claim a line, each after "- ".'


def listed(claims):
    return "\n".join(f"- {claim}" for claim in claims)


def where(place):
    return f"What is at the {PLACES[place]}?"


def named(thing):
    return f"A {thing[0]} {thing[1]}." if thing else "Nothing."


def whether(claim):
    return f"Is this true of the image: {claim}\nReply with Yes or No."


def repair(wrong):
    return f"Looking at the image again, this is not so:\n{listed(wrong)}\nAnswer again so that it fits the image."


def different(thing, random):
    """Another colour or another shape; now and then both."""
    kind = random.random()
    while True:
        other = any_thing(random)
        if kind < 0.45 and (other[0] != thing[0] and other[1] == thing[1]):
            return other
        if 0.45 <= kind < 0.9 and (other[0] == thing[0] and other[1] != thing[1]):
            return other
        if kind >= 0.9 and other != thing:
            return other


def mistaken(scene, random, mistakes):
    """The scene with so many mistakes: a wrong colour or shape, a shape moved, or one where there is none."""
    told, spoilt = list(scene), set()
    while len(spoilt) < mistakes:
        place, kind = random.randrange(4), random.random()
        if place in spoilt:
            continue
        if scene[place] is None:
            if kind < 0.5 and told[place] is None:
                told[place] = any_thing(random)
                spoilt.add(place)
        elif kind < 0.7:
            told[place] = different(scene[place], random)
            spoilt.add(place)
        else:
            free = [other for other in range(4) if told[other] is None and scene[other] is None]
            if free:
                there = random.choice(free)
                told[there], told[place] = told[place], None
                spoilt.update((place, there))
    return tuple(told)


def wrong_claims(scene, told):
    """-> list of (place, thing) that are told and not so."""
    return [(place, thing) for place, thing in enumerate(told) if thing and thing != scene[place]]


def wrong_sentences(scene, told):
    return [sentence(place, thing) for place, thing in wrong_claims(scene, told)]


def false_claim(scene, random):
    """-> (place, thing): not true of the scene, near to what is where it can be."""
    place, kind = random.randrange(4), random.random()
    things = [thing for thing in scene if thing]
    if scene[place] is None or kind < 0.35:
        # What stands elsewhere, said of this place; or what stands nowhere.
        thing = random.choice(things) if random.random() < 0.6 else any_thing(random)
        if thing != scene[place]:
            return place, thing
    return place, different(scene[place] or any_thing(random), random)


def claim(scene, random):
    """-> (place, thing): true of the scene half of the time."""
    if random.random() < 0.5:
        return random.choice([(place, thing) for place, thing in enumerate(scene) if thing])
    return false_claim(scene, random)


def ask(text):
    return {"role": "user", "text": text, "learn": False}


def reply(text, learn=True):
    return {"role": "assistant", "text": text, "learn": learn}


def judged(scene, said):
    """A question about a claim and its answer. `claim` tells the trainer what is asked about."""
    place, thing = said
    right = "Yes" if scene[place] == thing else "No"
    return [ask(whether(sentence(place, thing))), {**reply(right), "claim": said}]


def description(scene, random):
    """What is in the image; then the answer's claims, or its repair where it is wrong. A wrong one is not learnt."""
    mistakes = random.choice((0, 0, 0, 1, 1, 1, 2, 3))
    told = mistaken(scene, random, mistakes) if mistakes else scene
    turns = [ask(WHAT), reply(describe(told), learn=told == scene)]
    if random.random() < 0.5:
        turns += [ask(LIST), reply(listed(sentences(told)))]
    wrong = wrong_claims(scene, told)
    if wrong and random.random() < 0.3:
        turns += judged(scene, random.choice(wrong))
    if wrong and random.random() < 0.7:
        turns += [ask(repair(wrong_sentences(scene, told))), reply(describe(scene))]
    return turns


def question(scene, random):
    """One question with a short answer."""
    kind = random.random()
    if kind < 0.25:
        place = random.randrange(4)
        return [ask(where(place)), reply(named(scene[place]))]
    if kind < 0.35:
        return [ask(COUNT), reply(f"{NUMBERS[len(sentences(scene))]}.")]
    return judged(scene, claim(scene, random))


def conversation(scene, random):
    """Turns of one conversation about a scene: at most one description, and questions before and after it.

    Most questions are about claims: with fewer of them it took far longer until Yes and No were more than guessed.
    """
    parts = [question(scene, random) for _ in range(random.randint(1, 6))]
    if random.random() < 0.6:
        parts[random.randrange(len(parts))] = description(scene, random)
    return [turn for part in parts for turn in part]
