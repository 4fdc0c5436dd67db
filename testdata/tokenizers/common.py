"""What the families share: where files lie, the training text, and trainers with small vocabularies."""

import gzip
import io
import json
import pathlib
import random

import sentencepiece as spm
from sentencepiece import sentencepiece_model_pb2 as spm_proto
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, trainers

HERE = pathlib.Path(__file__).parent


def lines():
    """train.txt, and sentences made of its words, so that words and pieces have frequencies to learn from."""
    given = (HERE / "train.txt").read_text(encoding="utf-8").splitlines()
    rng = random.Random(7)
    made = []
    for line in given:
        words = line.split()
        weights = [1 / (i + 1) for i in range(len(words))]
        made += [" ".join(rng.choices(words, weights, k=rng.randint(3, 12))) for _ in range(8)]
    return given + made


LINES = lines()


def save(name, tokenizer):
    """models/<name>.json.gz, of a Tokenizer or of the dict of a tokenizer.json."""
    data = json.loads(tokenizer.to_str()) if isinstance(tokenizer, Tokenizer) else tokenizer
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    Tokenizer.from_str(text)  # the library reads it
    write_gz(HERE / "models" / f"{name}.json.gz", text.encode())


def write_gz(path, data):
    """The same bytes make the same file: no time, no name in the header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=9, mtime=0) as f:
        f.write(data)
    path.write_bytes(buffer.getvalue())


def token(text, **flags):
    return AddedToken(text, **{"normalized": False, "special": True} | flags)


def wordpiece(normalizer, pre_tokenizer, special, size=1400, unknown="[UNK]", **options):
    tok = Tokenizer(models.WordPiece(unk_token=unknown, **options))
    tok.normalizer, tok.pre_tokenizer = normalizer, pre_tokenizer
    tok.train_from_iterator(
        LINES, trainers.WordPieceTrainer(vocab_size=size, special_tokens=special, show_progress=False)
    )
    return tok


def bpe(
    normalizer, pre_tokenizer, special, size=1200, alphabet=pre_tokenizers.ByteLevel.alphabet(), trainer={}, **options
):
    """BPE over bytes; with alphabet=[] over the characters of the training text."""
    tok = Tokenizer(models.BPE(**options))
    tok.normalizer, tok.pre_tokenizer = normalizer, pre_tokenizer
    tok.train_from_iterator(
        LINES,
        trainers.BpeTrainer(
            vocab_size=size, special_tokens=special, initial_alphabet=alphabet, show_progress=False, **trainer
        ),
    )
    return tok


def sentencepiece_model(kind, rule, size=1000, coverage=0.995, **options):
    """A trained sentencepiece model as its protobuf: genuine scores, and with nmt_nfkc* a genuine charsmap."""
    out = io.BytesIO()
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES),
        model_writer=out,
        vocab_size=size,
        model_type=kind,
        character_coverage=coverage,
        normalization_rule_name=rule,
        num_threads=1,
        minloglevel=2,
        hard_vocab_limit=False,
        **options,
    )
    proto = spm_proto.ModelProto()
    proto.ParseFromString(out.getvalue())
    return proto


def pieces(proto):
    return [(p.piece, p.score) for p in proto.pieces]


def merges(proto):
    """Merges of a sentencepiece BPE: every way to make a piece of two, in order of the pieces' scores."""
    rank = {p.piece: i for i, p in enumerate(proto.pieces)}
    score = {p.piece: p.score for p in proto.pieces}
    found = []
    for piece in rank:
        ways = [(piece[:i], piece[i:]) for i in range(1, len(piece)) if piece[:i] in rank and piece[i:] in rank]
        found += [(score[piece], way) for way in sorted(ways, key=lambda w: (rank[w[0]], rank[w[1]]))]
    return [way for _, way in sorted(found, key=lambda f: -f[0])]


def sentencepiece_bpe(proto, **options):
    vocab = {p.piece: i for i, p in enumerate(proto.pieces)}
    return Tokenizer(models.BPE(vocab=vocab, merges=merges(proto), fuse_unk=True, byte_fallback=True, **options))
