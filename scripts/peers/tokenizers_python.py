"""Python tokenizers on one thread, for scripts/peers/tokenizers.sh: the same files and sentences as the Go benchmarks.

python scripts/peers/tokenizers_python.py prepare DIR VOCAB    write sentences and tokenizers into DIR, from the words of VOCAB
python scripts/peers/tokenizers_python.py time DIR             print what the Python library needs for them
"""

import gzip
import json
import os
import pathlib
import random
import shutil
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

KINDS = {"WordPiece": "wordpiece.json", "ByteLevelBPE": "bpe.json", "Unigram": "unigram.json"}
BIG = 250_000  # pieces, as many as XLM-R has
ROUNDS = 7


def sentences(words, count, seed):
    """Sentences of real words, frequent ones more often (a vocabulary of BERT is in order of frequency)."""
    rng = random.Random(seed)
    made = []
    for _ in range(count):
        chosen = [words[min(int(rng.paretovariate(0.35)) - 1, len(words) - 1)] for _ in range(rng.randint(6, 24))]
        text = ", ".join(" ".join(part) for part in (chosen[:5], chosen[5:]) if part)
        made.append(text[0].upper() + text[1:] + rng.choice([".", ".", "?", "!", f" ({rng.randint(1, 2030)})."]))
    return made


def prepare(folder, vocab_txt):
    words = [w for w in pathlib.Path(vocab_txt).read_text(encoding="utf-8").splitlines() if w.isalpha() and len(w) > 1]
    (folder / "sentences.json").write_text(json.dumps(sentences(words, 2000, 1)))
    text = sentences(words, 20000, 2)
    shutil.copy(pathlib.Path(vocab_txt).with_name("tokenizer.json"), folder / KINDS["WordPiece"])

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.post_processor = processors.ByteLevel(trim_offsets=True)
    bpe.train_from_iterator(
        text,
        trainers.BpeTrainer(
            vocab_size=20000, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
        ),
    )
    bpe.save(str(folder / KINDS["ByteLevelBPE"]))

    # XLM-R's parts but for the charsmap, which comes from the committed tokenizer, and a big vocabulary.
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    rng = random.Random(3)
    seen = set()
    for word in words:
        for piece in (
            "\u2581" + word,
            word,
            *(word[i:j] for i in range(0, len(word), 2) for j in range(i + 1, len(word) + 1)),
        ):
            if piece not in seen:
                seen.add(piece)
                pieces.append((piece, -5 - 0.7 * len(seen) ** 0.2 - rng.random()))
    letters = "etaoinshrdlucmfwypvbgkjqxz\u00e9\u00fc\u00f1\u0430\u0435\u043e\u043d\u0438"
    letters += "\u03b1\u03b5\u03b9\u4e2d\u6587\u65e5\u672c\u8a9e"
    while len(pieces) < BIG:
        piece = rng.choice(["", "\u2581"]) + "".join(rng.choices(letters, k=rng.randint(3, 12)))
        if piece not in seen:
            seen.add(piece)
            pieces.append((piece, -12 - rng.random()))
    unigram = Tokenizer(models.Unigram(pieces[:BIG], unk_id=3, byte_fallback=False))
    committed = pathlib.Path(__file__).parent.parent / "testdata/tokenizers/models/xlm-roberta.json.gz"
    charsmap = json.loads(gzip.decompress(committed.read_bytes()))["normalizer"]
    data = json.loads(unigram.to_str()) | {"normalizer": charsmap}
    unigram = Tokenizer.from_str(json.dumps(data))
    unigram.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace("\u2581", prepend_scheme="always")]
    )
    unigram.decoder = decoders.Metaspace("\u2581")
    unigram.save(str(folder / KINDS["Unigram"]))


def best(function, fresh=lambda: None):
    """The least seconds of several rounds, which other work on the machine disturbs least; fresh() is not counted."""
    least = float("inf")
    for _ in range(ROUNDS):
        given = fresh()
        start = time.perf_counter()
        function(given)
        least = min(least, time.perf_counter() - start)
    return least


def measure(folder):
    texts = json.loads((folder / "sentences.json").read_text())
    size = sum(len(t.encode()) for t in texts) / 1e6
    print(json.dumps({"texts": len(texts), "megabytes": size}))
    for kind, file in KINDS.items():

        def fresh(file=file):
            tok = Tokenizer.from_file(str(folder / file))
            tok.no_truncation()
            tok.no_padding()
            return tok

        def one_by_one(tok):
            for text in texts:
                tok.encode(text)

        tok = fresh()
        # The library can leave out offsets in a batch; take the faster of its ways.
        alone = best(lambda _: one_by_one(tok))
        row = {"kind": kind, "ids": size / min(alone, best(lambda _: tok.encode_batch_fast(texts)))}
        row["everything"] = size / min(alone, best(lambda _: tok.encode_batch(texts)))
        row["cold"] = size / min(best(one_by_one, fresh), best(lambda tok: tok.encode_batch_fast(texts), fresh))
        row["load"] = best(lambda _: Tokenizer.from_file(str(folder / file)))
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[2])
    if sys.argv[1] == "prepare":
        prepare(target, sys.argv[3])
    else:
        measure(target)
