"""Makes detect/triplets.json out of the sentence pairs next to this script.

    python testdata/triplets/make.py

Each line of LANGUAGE.txt is a sentence, a tab and its paraphrase, written for this project with few words in common. The
third sentence of a triplet, the other, is chosen here among the sentences of the other pairs of that language, so that
whatever can be had without understanding - shared words, shared letters, similar length - speaks for the paraphrase as
often and as strongly as for the other. No model takes part in the choice. Each sentence is an other at most once, and no
pair has a sentence of its own as other, so "being an other" reveals nothing either. Only the standard library is used.
"""

import collections
import json
import math
import pathlib
import random
import re

HERE = pathlib.Path(__file__).parent
TARGET = HERE.parent.parent / "detect" / "triplets.json"
# English first; the rest by code.
LANGUAGES = ["en"] + sorted(p.stem for p in HERE.glob("*.txt") if p.stem != "en")
STEPS = 120_000


def words(text):
    """Lower-case words; single characters for scripts without blanks."""
    found = re.findall(r"[\u3040-\u30ff\u4e00-\u9fff]|\w+", text.lower())
    return collections.Counter(found)


def trigrams(text):
    padded = f" {text.lower()} "
    return collections.Counter(padded[i : i + 3] for i in range(len(padded) - 2))


def cosine(a, b):
    dot = sum(n * b[key] for key, n in a.items())
    return dot / math.sqrt(sum(n * n for n in a.values()) * sum(n * n for n in b.values()))


def jaccard(a, b):
    return len(a.keys() & b.keys()) / len(a.keys() | b.keys())


class Sentence:
    def __init__(self, text):
        self.text, self.words, self.trigrams = text, words(text), trigrams(text)


def surface(a, b):
    """How alike two sentences look without understanding them: larger numbers mean more alike."""
    return (
        cosine(a.words, b.words),
        jaccard(a.words, b.words),
        cosine(a.trigrams, b.trigrams),
        -abs(math.log(len(a.text) / len(b.text))),
        -abs(math.log(sum(a.words.values()) / sum(b.words.values()))),
    )


# What one feature is worth compared with another when a difference is too large: cosines around 0.2, log lengths around 0.3.
SCALE = (0.1, 0.1, 0.05, 0.2, 0.2)


def cost(differences):
    """Large where a feature prefers one side in sum, in number, or by much in single triplets."""
    total = 0.0
    for f, scale in enumerate(SCALE):
        column = [d[f] / scale for d in differences]
        lead = sum((d > 0) - (d < 0) for d in column)
        total += lead * lead + sum(column) ** 2 + 0.5 * sum(d * d for d in column)
    return total


def choose(pairs, rng):
    """Assigns an other to each pair by local search over swaps."""
    sentences = [s for pair in pairs for s in pair]
    turns = [rng.random() < 0.5 for _ in pairs]
    anchors = [pair[turn] for pair, turn in zip(pairs, turns)]
    own = [surface(pair[turn], pair[not turn]) for pair, turn in zip(pairs, turns)]
    like = [[surface(anchor, s) for s in sentences] for anchor in anchors]
    # order[i] is the other of pair i for i < len(pairs); the rest are sentences in waiting.
    order = list(range(len(sentences)))
    rng.shuffle(order)
    while any(order[i] // 2 == i for i in range(len(pairs))):
        rng.shuffle(order)
    difference = lambda i, s: tuple(p - o for p, o in zip(own[i], like[i][s]))
    now = [difference(i, order[i]) for i in range(len(pairs))]
    best = cost(now)
    for _ in range(STEPS if len(pairs) > 20 else STEPS // 20):
        i, j = rng.randrange(len(pairs)), rng.randrange(len(order))
        if i == j or order[j] // 2 == i or (j < len(pairs) and order[i] // 2 == j):
            continue
        order[i], order[j] = order[j], order[i]
        before = now[i], now[j] if j < len(pairs) else None
        now[i] = difference(i, order[i])
        if j < len(pairs):
            now[j] = difference(j, order[j])
        new = cost(now)
        if new <= best:
            best = new
            continue
        order[i], order[j] = order[j], order[i]
        now[i] = before[0]
        if j < len(pairs):
            now[j] = before[1]
    return [
        (anchor.text, pair[not turn].text, sentences[order[i]].text)
        for i, (anchor, pair, turn) in enumerate(zip(anchors, pairs, turns))
    ]


def main():
    rng = random.Random(20261123)
    triplets = []
    for language in LANGUAGES:
        lines = (HERE / f"{language}.txt").read_text(encoding="utf-8").splitlines()
        pairs = [tuple(Sentence(s) for s in line.split("\t")) for line in lines]
        for anchor, paraphrase, other in choose(pairs, rng):
            triplets.append({"language": language, "anchor": anchor, "paraphrase": paraphrase, "other": other})
    rows = ",\n".join(json.dumps(t, ensure_ascii=False) for t in triplets)
    TARGET.write_text(f"[\n{rows}\n]\n", encoding="utf-8")


main()
