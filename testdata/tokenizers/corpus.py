"""Writes corpus.json: the texts that every tokenizer must agree on, as pairs of a kind and a text.

Texts that are not UTF-8 are kept as base64 with what Python's decode(errors="replace") makes of them.
"""

import base64
import json

import texts_odd
import texts_scripts
import texts_words
from common import HERE


def sentences():
    """Lines of the training text, and text that no tokenizer was trained on."""
    return (HERE / "train.txt").read_text(encoding="utf-8").splitlines() + texts_words.sentences()


KINDS = [
    sentences,
    texts_words.code,
    texts_words.numbers,
    texts_scripts.accents,
    texts_scripts.chinese_japanese_korean,
    texts_scripts.south_and_east_asian,
    texts_scripts.right_to_left,
    texts_scripts.emoji,
    texts_scripts.marks_and_joiners,
    texts_odd.control_characters,
    texts_odd.whitespace_runs,
    texts_odd.special_tokens_as_text,
    texts_odd.invalid_utf8,
    texts_odd.long_words,
    texts_odd.random_mixes,
]


def build():
    rows, seen = [], set()
    for texts in KINDS:
        for text in texts():
            row = {"kind": texts.__name__.replace("_", " ")}
            if isinstance(text, bytes):
                row["bytes"] = base64.b64encode(text).decode()
                text = text.decode("utf-8", errors="replace")
            if (text, row.get("bytes")) in seen:
                continue
            seen.add((text, row.get("bytes")))
            rows.append(row | {"text": text})
    return rows


def main():
    rows = build()
    lines = ",\n".join(json.dumps(row) for row in rows)
    (HERE / "corpus.json").write_text(f"[\n{lines}\n]\n")
    print(len(rows), "texts")


if __name__ == "__main__":
    main()
