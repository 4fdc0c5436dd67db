"""Writes what sentence-transformers gives for the real all-MiniLM-L6-v2, whose weights are not committed.

    python testdata/graph/real/make.py .testenv/models/all-MiniLM-L6-v2
"""

import json
import pathlib
import sys

from sentence_transformers import SentenceTransformer

TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "Embedding models turn text into vectors; what they declare and what they do may differ.",
    "a",
    "Grüße aus Köln, 東京 and São Paulo! " * 12,
]


def main():
    model = SentenceTransformer(sys.argv[1], device="cpu")
    ids = [model.tokenizer(t, truncation=True, max_length=256)["input_ids"] for t in TEXTS]
    vectors = [model.encode(t).tolist() for t in TEXTS]
    out = pathlib.Path(__file__).parent / "all-MiniLM-L6-v2.json"
    out.write_text(json.dumps({"texts": TEXTS, "ids": ids, "vectors": [[round(x, 9) for x in v] for v in vectors]}) + "\n")


main()
