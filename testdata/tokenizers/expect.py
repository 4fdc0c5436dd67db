"""Writes expected/<name>.json.gz: what the Python library makes of corpus.json with every tokenizer of models/ and of
converted/ (see folders.py), single, in pairs, truncated and padded.

Everything is a digest of the whole encoding (encodings.py); the families keep their ids as well.
"""

import json
import random
import sys

from common import HERE, write_gz
from digest import FAILED, attempt, digest, load

STRATEGIES = ["longest_first", "only_first", "only_second"]
SIDES = ["right", "left"]


def corpus():
    return [row["text"] for row in json.loads((HERE / "corpus.json").read_text())]


def expect(path, texts):
    tok = load(str(path))
    rng = random.Random(path.name)
    declared = tok.truncation is not None or tok.padding is not None
    out = {"declared": expect_declared(tok, texts) if declared else None}
    tok.no_truncation()
    tok.no_padding()
    singles = [attempt(tok.encode, t) for t in texts]
    out["singles"] = "".join(singles)
    if not path.name.startswith(("split-", "normal-")):
        out["ids"] = [[] if d == FAILED else tok.encode(t).ids for t, d in zip(texts, singles, strict=True)]
    out["plain"] = "".join(attempt(tok.encode, t, add_special_tokens=False) for t in texts)
    pairs = [(rng.randrange(len(texts)), rng.randrange(len(texts))) for _ in range(120)]
    out["pairs"] = [
        [a, b, k % 4 != 0, attempt(tok.encode, texts[a], texts[b], add_special_tokens=k % 4 != 0)]
        for k, (a, b) in enumerate(pairs)
    ]
    out["truncated"] = expect_truncated(tok, texts, pairs, rng)
    out["padded"] = expect_padded(tok, texts, rng)
    return out


def expect_truncated(tok, texts, pairs, rng):
    """Rows of text, pair or -1, most tokens, strategy, side, digest."""
    rows = []
    for k, (a, b) in enumerate(pairs):
        b = b if k % 2 else -1
        strategy = STRATEGIES[k // 2 % 3] if k % 2 else STRATEGIES[k // 2 % 2]
        side = SIDES[k // 6 % 2]
        most = tok.num_special_tokens_to_add(b >= 0) + rng.choice([1, 2, 3, 5, 8, 13, 30])
        tok.enable_truncation(most, strategy=strategy, direction=side)
        made = attempt(tok.encode, texts[a], texts[b]) if b >= 0 else attempt(tok.encode, texts[a])
        rows.append([a, b, most, strategy, side, made])
    tok.no_truncation()
    return rows


def expect_padded(tok, texts, rng):
    """Batches: texts, what to pad with, digests."""
    rows = []
    for k in range(12):
        batch = [rng.randrange(len(texts)) for _ in range(4)]
        options = {
            "direction": SIDES[k % 2],
            "length": 16 if k % 3 == 2 else None,
            "pad_to_multiple_of": 8 if k % 4 == 3 else None,
            "pad_id": k,
            "pad_type_id": k % 3,
            "pad_token": "[PAD]" if k % 2 else "<pad>",
        }
        tok.enable_padding(**options)
        try:
            made = [digest(e) for e in tok.encode_batch([texts[i] for i in batch])]
        except Exception:
            made = None
        rows.append([batch, options, made])
    tok.no_padding()
    return rows


def expect_declared(tok, texts):
    """With the truncation and the padding that the file declares: each alone, in pairs, and in batches of eight."""
    batches = [texts[i : i + 8] for i in range(0, len(texts), 8)]
    return {
        "singles": "".join(attempt(tok.encode, t) for t in texts),
        "pairs": "".join(attempt(tok.encode, a, b) for a, b in zip(texts, texts[1:])),
        "batches": "".join(digest(e) for batch in batches for e in tok.encode_batch(batch)),
    }


def main(names):
    texts = corpus()
    paths = sorted([*(HERE / "models").glob("*.json.gz"), *(HERE / "converted").glob("*.json.gz")])
    for path in paths:
        name = path.name.removesuffix(".json.gz")
        if names and name not in names:
            continue
        folder = "expected" if path.parent.name == "models" else "expected-converted"
        text = json.dumps(expect(path, texts), separators=(",", ":"))
        write_gz(HERE / folder / path.name, text.encode())


if __name__ == "__main__":
    main(sys.argv[1:])
