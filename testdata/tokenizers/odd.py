"""Every component and option that the families leave out, in small tokenizers whose tokens show the splits.

Most have a WordLevel model that knows nothing: each piece that the pre-tokenizers make is one unknown token with its
offsets, so that the expected encodings are the splits themselves.
"""

import json

from tokenizers import Regex, Tokenizer, models
from tokenizers import normalizers as n
from tokenizers import pre_tokenizers as p
from tokenizers import processors
from tokenizers.normalizers import Precompiled

from common import bpe, pieces, save, sentencepiece_bpe, sentencepiece_model, token, wordpiece

BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]


def splits(name, pre_tokenizer, normalizer=None, change=None):
    tok = Tokenizer(models.WordLevel({"[UNK]": 0, "the": 1, "a": 2, "\u2581": 3, "-": 4, " ": 5}, unk_token="[UNK]"))
    if pre_tokenizer is not None:
        tok.pre_tokenizer = pre_tokenizer
    if normalizer is not None:
        tok.normalizer = normalizer
    data = json.loads(tok.to_str())
    save(name, change(data) if change else data)


def pre_tokenizers():
    splits("split-delimiter", p.CharDelimiterSplit("-"))
    splits("split-delimiter-space", p.CharDelimiterSplit(" "))
    splits("split-digits", p.Digits(individual_digits=False))
    splits("split-digits-individual", p.Digits(individual_digits=True))
    splits("split-scripts", p.UnicodeScripts())
    splits("split-scripts-words", p.Sequence([p.UnicodeScripts(), p.Whitespace(), p.Digits(False)]))
    splits("split-fixed-5", p.FixedLength(length=5))
    splits("split-fixed-1", p.Sequence([p.WhitespaceSplit(), p.FixedLength(length=1)]))
    splits("split-whitespace", p.Whitespace())
    splits("split-bert", p.BertPreTokenizer())
    splits("split-none", None)
    splits("split-bytes", p.ByteLevel(add_prefix_space=False, use_regex=False))
    splits("split-bytes-prefix", p.Sequence([p.Split(Regex(r"\d"), "isolated"), p.ByteLevel(add_prefix_space=True)]))
    for behavior in BEHAVIORS:
        splits(f"split-punctuation-{behavior}", p.Punctuation(behavior))
        for invert in (False, True):
            inverted = "-inverted" if invert else ""
            splits(f"split-regex-{behavior}{inverted}", p.Split(Regex(r"\s+|\p{N}|[aeiou](?=n)"), behavior, invert))
            splits(f"split-string-{behavior}{inverted}", p.Split("e", behavior, invert))
    # Behaviours as the Rust enum spells them, which some files have.
    camel = {
        "merged_with_previous": "MergedWithPrevious",
        "merged_with_next": "MergedWithNext",
        "contiguous": "Contiguous",
    }
    for old, new in camel.items():
        splits(
            f"split-spelled-{new}",
            p.Split(Regex(r"\p{P}"), old),
            change=lambda data, new=new: data | {"pre_tokenizer": data["pre_tokenizer"] | {"behavior": new}},
        )
    for scheme in ("always", "never", "first"):
        for split in (True, False):
            splits(f"split-metaspace-{scheme}-{split}".lower(), p.Metaspace("_", prepend_scheme=scheme, split=split))
    splits("split-metaspace-after", p.Sequence([p.Punctuation(), p.Metaspace("\u2581", prepend_scheme="first")]))
    for number, pattern in enumerate(
        [
            r"(?<=\d)(?=(?:\d{3})+(?!\d))",
            r"(?i)straße|\bthe\b|k",
            r"[^\S\n]+|\n",
            r"\p{Han}|\p{Hiragana}+|\p{Katakana}+",
            r"[[:alpha:]]+|[[:digit:]]+",
            r"[\p{L}&&[^a-z]]+",
            r"(?>a+)b|\h+",
            r"\X",
            r".",
            r"(?m).+",
            r"\A\s+|\s+\z|\w+",
            r"(\w)\1",
            r"\p{^L}+",
            r"\P{L}{2}",
            r"[\w\-']+",
            r"",
            r"^|$",
            r"\R",
            r"[^\x00-\x7F]+",
            r"\u00e9|\x{1F600}|\t",
        ]
    ):
        splits(f"split-oniguruma-{number:02}", p.Split(Regex(pattern), "isolated"))


def normalizers():
    show = p.Split(Regex("(?m:.)"), "isolated")  # each character of the normalized text with its offsets
    forms = {
        "nfc": n.NFC(),
        "nfd": n.NFD(),
        "nfkc": n.NFKC(),
        "nfkd": n.NFKD(),
        "lowercase": n.Lowercase(),
        "nmt": n.Nmt(),
        "strip-accents": n.Sequence([n.NFKD(), n.StripAccents()]),
        "strip": n.Strip(),
        "strip-left": n.Strip(True, False),
        "strip-right": n.Strip(False, True),
        "byte-level": n.ByteLevel(),
        "prepend": n.Prepend("<<"),
        "replace": n.Replace("a", "\u00e4\u00e4"),
        "replace-regex": n.Replace(Regex(r"(\p{L})\s+"), "-"),
        "replace-nothing": n.Replace(Regex(r"\s"), ""),
        "replace-empty": n.Replace(Regex("(?=n)"), "\u2423"),
        "clean": n.BertNormalizer(True, False, False, False),
        "chinese": n.BertNormalizer(False, True, False, False),
        "several": n.Sequence([n.NFD(), n.Lowercase(), n.StripAccents(), n.Prepend("_"), n.NFC(), n.Strip()]),
        "twice": n.Sequence([n.NFKD(), n.Replace("e", ""), n.NFKC(), n.Replace(" ", "\u2581\u2581")]),
    }
    for name, normalizer in forms.items():
        splits(f"normal-{name}", show, normalizer)
    for rule in ("nmt_nfkc", "nmt_nfkc_cf"):
        proto = sentencepiece_model("unigram", rule, size=1000)
        splits(f"normal-{rule.replace('_', '-')}", show, Precompiled(proto.normalizer_spec.precompiled_charsmap))


def added_tokens():
    """Every combination of the four flags, overlapping ones, and ones that only the normalized text has."""
    tok = wordpiece(
        n.BertNormalizer(True, True, None, True), p.BertPreTokenizer(), ["[UNK]", "[CLS]", "[SEP]"], size=700
    )
    for number in range(16):
        flags = {
            flag: bool(number >> bit & 1) for bit, flag in enumerate(["lstrip", "rstrip", "single_word", "normalized"])
        }
        tok.add_tokens([token(f"[Added{number:02}]", special=number % 3 == 0, **flags)])
        tok.add_tokens([token(f"word{number:x}", special=number % 3 == 1, **flags)])
    tok.add_tokens(
        [token(t, special=False) for t in ("ab", "abc", "bcd", "[UNK]x", "\u00e9t\u00e9", "Gro\u00df", "\u4e2d\u56fd")]
    )
    tok.add_tokens(
        [token(t, special=False, normalized=True) for t in ("CAF\u00c9", "New York", " lead", "trail ", "\u00c5")]
    )
    tok.post_processor = processors.TemplateProcessing(
        single="[CLS] $0 [SEP]", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    save("added-wordpiece", tok)

    tok = bpe(n.NFC(), p.ByteLevel(add_prefix_space=True), ["<s>", "</s>"], size=600)
    for number in range(16):
        flags = {
            flag: bool(number >> bit & 1) for bit, flag in enumerate(["lstrip", "rstrip", "single_word", "normalized"])
        }
        tok.add_tokens([token(f"[Added{number:02}]", special=number % 2 == 0, **flags)])
        tok.add_tokens([token(f"word{number:x}", special=False, **flags)])
    save("added-bytes", tok)

    proto = sentencepiece_model("bpe", "identity", size=1100, coverage=0.98, byte_fallback=True)
    tok = sentencepiece_bpe(proto, unk_token="<unk>")
    tok.normalizer = n.Sequence([n.Prepend("\u2581"), n.Replace(" ", "\u2581")])
    for number in range(16):
        flags = {
            flag: bool(number >> bit & 1) for bit, flag in enumerate(["lstrip", "rstrip", "single_word", "normalized"])
        }
        tok.add_tokens([token(f"[Added{number:02}]", special=number % 2 == 0, **flags)])
    save("added-prepend", tok)


def models_and_processors():
    chars = {c: i for i, c in enumerate("abcdefghijklmnopqrstuvwxyz ABC.,'\u00e9\u4e2d", 1)} | {"[UNK]": 0}
    words = ["in", "the", "er", "an", "at"]
    vocab = chars | {w: len(chars) + i for i, w in enumerate(words)}
    merges = [tuple(w) for w in words if len(w) == 2]
    for name, options in {
        "plain": {},
        "unk": {"unk_token": "[UNK]"},
        "fused": {"unk_token": "[UNK]", "fuse_unk": True},
    }.items():
        model = {k: v for k, v in vocab.items() if k != "the"}
        tok = Tokenizer(models.BPE({k: i for i, k in enumerate(model)}, merges, **options))
        save(f"bpe-{name}", tok)
    whole = {k: i for i, k in enumerate(vocab)}
    save(
        "bpe-whole-words",
        with_parts(Tokenizer(models.BPE(whole, merges, unk_token="[UNK]", ignore_merges=True)), p.Whitespace()),
    )

    proto = sentencepiece_model("unigram", "identity", size=1000, coverage=0.98)
    for name, fields in {
        "no-unk": {"unk_id": None},
        "ties": {"vocab": [(w, -1.0) for w, _ in pieces(proto)], "unk_id": 0},
    }.items():
        vocab = fields.get("vocab", pieces(proto))
        save(
            f"unigram-{name}",
            with_parts(
                Tokenizer(models.Unigram(vocab, unk_id=fields["unk_id"] or 0, byte_fallback=False)),
                p.Metaspace("\u2581", prepend_scheme="always"),
            ),
        )
    # Every processor in one sequence, types that a template sets, and one that names a token twice.
    tok = bpe(None, p.ByteLevel(add_prefix_space=False), ["<s>", "</s>", "<sep>"], size=500)
    tok.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=True),
            processors.TemplateProcessing(
                single="<s>:7 $A:3 </s>:4 </s>:5",
                pair="<s> $B:2 <sep>:9 $A:1 </s>",
                special_tokens=[("<s>", 0), ("</s>", 1), ("<sep>", 2)],
            ),
        ]
    )
    save("template-types", tok)
    data = json.loads(tok.to_str())
    data["post_processor"] = json.loads(tok.to_str())["post_processor"]["processors"][1]
    data["post_processor"]["special_tokens"]["<sep>"] = {
        "id": "<sep>",
        "ids": [2, 0, 2],
        "tokens": ["<sep>", "<s>", "<sep>"],
    }
    save("template-several-ids", data)
    data["post_processor"] = {
        "type": "RobertaProcessing",
        "sep": ["</s>", 1],
        "cls": ["<s>", 0],
        "trim_offsets": False,
        "add_prefix_space": True,
    }
    save("roberta-no-trim", data)
    data["post_processor"] = None
    save("no-processor", data)


def with_parts(tok, pre_tokenizer):
    tok.pre_tokenizer = pre_tokenizer
    return tok


def main():
    pre_tokenizers()
    normalizers()
    added_tokens()
    models_and_processors()


if __name__ == "__main__":
    main()
