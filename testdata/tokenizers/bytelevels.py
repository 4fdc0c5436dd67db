"""Byte-level BPE families: GPT-2 and all that came of it."""

import json

from tokenizers import Regex, Tokenizer, decoders, models
from tokenizers.normalizers import NFC, Lowercase, Replace
from tokenizers.normalizers import Sequence as Normalizers
from tokenizers.pre_tokenizers import ByteLevel, Digits, Punctuation, Split
from tokenizers.pre_tokenizers import Sequence as PreTokenizers
from tokenizers.processors import ByteLevel as ByteLevelProcessing
from tokenizers.processors import RobertaProcessing, TemplateProcessing
from tokenizers.processors import Sequence as Processors

from common import bpe, save, token

ROBERTA = ["<s>", "<pad>", "</s>", "<unk>"]

CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
QWEN2 = CL100K.replace(r"\p{N}{1,3}", r"\p{N}")
O200K = "|".join(
    [
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)
TEKKEN = "|".join(
    [
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*",
        r"\p{N}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)
DEEPSEEK_V3 = (
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LETTERS = (
    r"\s?[A-Za-z"
    "\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af\u0370-\u0373"
    "\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f"
    "\u0531-\u0556\u10a0-\u10c5\u13a0-\u13f5\u1e00-\u1fbc\u2126\u212a\u212b]+"
)
PUNCTUATION = r"\s?[!-/:-~" "\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+"


def split(pattern, behavior="isolated", invert=False):
    return Split(Regex(pattern), behavior, invert)


def pattern_then_bytes(*patterns):
    return PreTokenizers([*(split(p) for p in patterns), ByteLevel(add_prefix_space=False, use_regex=False)])


def byte_level(name, normalizer, pre_tokenizer, special=(), processor=None, change=None, **options):
    tok = bpe(normalizer, pre_tokenizer, list(special), **options)
    tok.decoder = decoders.ByteLevel()
    tok.post_processor = processor(tok) if processor else ByteLevelProcessing(trim_offsets=False)
    if change:
        change(tok)
    save(name, tok)
    return tok


def roberta_processing(**options):
    return lambda tok: RobertaProcessing(("</s>", tok.token_to_id("</s>")), ("<s>", tok.token_to_id("<s>")), **options)


def template(single, pair, *names):
    return lambda tok: TemplateProcessing(
        single=single, pair=pair, special_tokens=[(n, tok.token_to_id(n)) for n in names]
    )


def no_unknown(tok):
    """CodeGen's and Phi's runs of spaces and tabs: added tokens that are not special, and not normalized."""
    tok.add_tokens([token(" " * n, special=False) for n in range(31, 1, -1)])
    tok.add_tokens([token("\t" * n, special=False) for n in range(9, 1, -1)])


def roberta_likes():
    mask = lambda tok: tok.add_special_tokens([token("<mask>", lstrip=True)])
    roberta = byte_level(
        "roberta",
        None,
        ByteLevel(add_prefix_space=False),
        ROBERTA,
        roberta_processing(trim_offsets=True, add_prefix_space=False),
        mask,
    )
    byte_level(
        "roberta-prefix-space",
        None,
        ByteLevel(add_prefix_space=True),
        ROBERTA,
        roberta_processing(trim_offsets=True, add_prefix_space=True),
        mask,
    )
    # Older files have merges as text, and Metaspace and ByteLevel without the later options.
    old = json.loads(roberta.to_str())
    old["model"]["merges"] = [" ".join(m) for m in old["model"]["merges"]]
    del old["pre_tokenizer"]["use_regex"], old["model"]["ignore_merges"], old["model"]["byte_fallback"], old["version"]
    save("roberta-old", old)

    byte_level("gpt2", None, ByteLevel(add_prefix_space=False), ["<|endoftext|>"])
    byte_level(
        "gpt2-prefix-space",
        None,
        ByteLevel(add_prefix_space=True),
        ["<|endoftext|>"],
        lambda tok: ByteLevelProcessing(trim_offsets=True),
    )
    byte_level(
        "deberta",
        None,
        ByteLevel(add_prefix_space=False),
        ["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"],
        template("[CLS]:0 $A:0 [SEP]:0", "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", "[CLS]", "[SEP]"),
    )

    def modernbert(tok):
        tok.add_tokens([token(" " * n, special=False, normalized=True) for n in range(24, 1, -1)])
        tok.add_tokens([token("|||EMAIL_ADDRESS|||", special=False, normalized=True)])
        tok.add_special_tokens([token("[UNK]"), token("[MASK]", lstrip=True)])
        tok.add_tokens([token(f"[unused{i}]", special=False, normalized=True) for i in range(5)])

    byte_level(
        "modernbert",
        NFC(),
        ByteLevel(add_prefix_space=False, trim_offsets=True),
        ["[CLS]", "[SEP]", "[PAD]"],
        template("[CLS]:0 $A:0 [SEP]:0", "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", "[CLS]", "[SEP]"),
        modernbert,
    )


def later_ones():
    chat = lambda tok: tok.add_special_tokens([token(t) for t in ("<|endoftext|>", "<|im_start|>", "<|im_end|>")])
    byte_level("qwen2", NFC(), pattern_then_bytes(QWEN2), change=chat)

    def ends(tok):
        chat(tok)
        tok.add_tokens([token("<think>", special=False), token("</think>", special=False)])
        tok.post_processor = Processors(
            [
                ByteLevelProcessing(trim_offsets=False),
                template("$A:0 <|endoftext|>:0", "$A:0 <|endoftext|>:0 $B:1 <|endoftext|>:1", "<|endoftext|>")(tok),
            ]
        )

    byte_level("qwen3-embedding", NFC(), pattern_then_bytes(QWEN2), change=ends)

    def llama3(tok):
        tok.add_special_tokens([token(t) for t in ("<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>")])
        tok.post_processor = Processors(
            [
                ByteLevelProcessing(trim_offsets=True),
                template(
                    "<|begin_of_text|>:0 $A:0", "<|begin_of_text|>:0 $A:0 <|begin_of_text|>:1 $B:1", "<|begin_of_text|>"
                )(tok),
            ]
        )

    byte_level("llama3", None, pattern_then_bytes(CL100K), change=llama3, ignore_merges=True)
    byte_level("o200k", None, pattern_then_bytes(O200K), ["<|endoftext|>", "<|endofprompt|>"])
    byte_level(
        "tekken",
        None,
        pattern_then_bytes(TEKKEN),
        ["<unk>", "<s>", "</s>", "[INST]", "[/INST]"],
        template("<s>:0 $A:0", "<s>:0 $A:0 <s>:1 $B:1", "<s>"),
        ignore_merges=True,
    )
    sentence = ("<\uff5cbegin\u2581of\u2581sentence\uff5c>", "<\uff5cend\u2581of\u2581sentence\uff5c>")
    byte_level(
        "deepseek-v3",
        None,
        PreTokenizers(
            [
                split(r"\p{N}{1,3}"),
                split("[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"),
                split(DEEPSEEK_V3),
                ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        ),
        sentence,
        template(f"{sentence[0]} $A", f"{sentence[0]} $A $B", *sentence[:1]),
    )
    byte_level(
        "deepseek-llm",
        None,
        PreTokenizers(
            [
                split(r"[\r\n]"),
                split(LETTERS),
                split(PUNCTUATION),
                split(r"\s+$"),
                split("[\u4e00-\u9fa5\u0e00-\u0e7f\u3040-\u30ff]+"),
                Digits(individual_digits=True),
                ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        ),
        sentence,
        change=no_unknown,
    )
    byte_level("phi", None, ByteLevel(add_prefix_space=False), ["<|endoftext|>"], change=no_unknown)
    byte_level(
        "starcoder",
        None,
        PreTokenizers([Digits(individual_digits=True), ByteLevel(add_prefix_space=False)]),
        ["<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>"],
    )
    byte_level(
        "bloom",
        None,
        pattern_then_bytes(" ?[^(\\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+"),
        ["<unk>", "<s>", "</s>", "<pad>"],
        unk_token="<unk>",
    )
    byte_level(
        "falcon",
        None,
        PreTokenizers(
            [
                Punctuation("contiguous"),
                ByteLevel(add_prefix_space=False),
                Digits(individual_digits=False),
                split("[0-9][0-9][0-9]"),
            ]
        ),
        [">>TITLE<<", ">>ABSTRACT<<", "<|endoftext|>"],
    )


def clip():
    tok = Tokenizer(models.BPE(continuing_subword_prefix="", end_of_word_suffix="</w>", unk_token="<|endoftext|>"))
    tok.normalizer = Normalizers([NFC(), Replace(Regex(r"\s+"), " "), Lowercase()])
    tok.pre_tokenizer = PreTokenizers(
        [
            split(
                r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
                "removed",
                True,
            ),
            ByteLevel(add_prefix_space=False),
        ]
    )
    trained = bpe(
        tok.normalizer,
        tok.pre_tokenizer,
        ["<|startoftext|>", "<|endoftext|>"],
        size=1400,
        trainer={"end_of_word_suffix": "</w>", "continuing_subword_prefix": ""},
        continuing_subword_prefix="",
        end_of_word_suffix="</w>",
        unk_token="<|endoftext|>",
    )
    trained.post_processor = RobertaProcessing(("<|endoftext|>", 1), ("<|startoftext|>", 0), False, False)
    trained.decoder = decoders.ByteLevel()
    save("clip", trained)


def main():
    roberta_likes()
    later_ones()
    clip()


if __name__ == "__main__":
    main()
