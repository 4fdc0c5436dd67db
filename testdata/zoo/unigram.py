"""Unigram tokenizers as SentencePiece's models become in tokenizer.json:

XLM-RoBERTa, CamemBERT, ALBERT, T5, DeBERTa-v2, SigLIP."""

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

import charsmap
from corpus import CORPUS
from training import split_words, unigram


def base(
    first, vocab_size: int, unk: str, template: str, pair: str, before=(), after=(), whitespace=True, last=()
) -> Tokenizer:
    """A tokenizer with the ids first, pieces, last; before and after stand round Precompiled among the normalizers."""
    t = Tokenizer(models.Unigram([(unk, 0.0)], 0, False))
    steps = [*before, normalizers.Precompiled(charsmap.precompiled()), *after]
    t.normalizer = normalizers.Sequence(steps) if len(steps) > 1 else steps[0]
    space = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always", split=True)
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), space]) if whitespace else space
    pieces = unigram(split_words(t, CORPUS), first, vocab_size - len(last)) + [(x, 0.0) for x in last]
    ids = {piece: i for i, (piece, _) in enumerate(pieces)}
    t.model = models.Unigram(pieces, ids[unk], False)
    names = [x.split(":")[0] for x in template.split() if not x.startswith("$")]
    t.post_processor = processors.TemplateProcessing(
        single=template, pair=pair, special_tokens=[(x, ids[x]) for x in names]
    )
    t.decoder = decoders.Metaspace(replacement="\u2581", prepend_scheme="always", split=True)
    return t


def special(t: Tokenizer, tokens, mask: str | None = None) -> Tokenizer:
    t.add_special_tokens([AddedToken(x, normalized=False, special=True) for x in tokens])
    if mask:
        t.add_special_tokens([AddedToken(mask, lstrip=True, normalized=False, special=True)])
    return t


def xlm_roberta(vocab_size: int = 1007) -> Tokenizer:
    first = ["<s>", "<pad>", "</s>", "<unk>"]
    t = base(first, vocab_size, "<unk>", "<s>:0 $A:0 </s>:0", "<s>:0 $A:0 </s>:0 </s>:0 $B:0 </s>:0", last=["<mask>"])
    return special(t, first, "<mask>")


def camembert(vocab_size: int = 1009) -> Tokenizer:
    """<s> is 5 and </s> is 6, after the slots that fairseq's dictionary left."""
    first = ["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED", "<s>", "</s>"]
    t = base(first, vocab_size, "<unk>", "<s>:0 $A:0 </s>:0", "<s>:0 $A:0 </s>:0 </s>:0 $B:0 </s>:0", last=["<mask>"])
    return special(t, first, "<mask>")


def albert(vocab_size: int = 1000) -> Tokenizer:
    first = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]
    before = [
        normalizers.Replace("``", '"'),
        normalizers.Replace("''", '"'),
        normalizers.NFKD(),
        normalizers.StripAccents(),
        normalizers.Lowercase(),
    ]
    t = base(first, vocab_size, "<unk>", "[CLS]:0 $A:0 [SEP]:0", "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", before=before)
    return special(t, first[:-1], "[MASK]")


def t5(vocab_size: int = 1003) -> Tokenizer:
    first = ["<pad>", "</s>", "<unk>"]
    extra = [f"<extra_id_{i}>" for i in range(4, -1, -1)]
    t = base(first, vocab_size, "<unk>", "$A:0 </s>:0", "$A:0 </s>:0 $B:0 </s>:0", last=extra)
    return special(t, [*first, *extra])


def deberta_v2(vocab_size: int = 1006) -> Tokenizer:
    first = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
    t = base(
        first,
        vocab_size,
        "[UNK]",
        "[CLS]:0 $A:0 [SEP]:0",
        "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        whitespace=False,
        before=[normalizers.Strip()],
        after=[normalizers.Replace(Regex(" {2,}"), " ")],
        last=["[MASK]"],
    )
    return special(t, [*first, "[MASK]"])


PUNCTUATION = r"""[!"#\$%&'\(\)\*\+,\-\.:;=\?@\[\]\\\^_`\{\|\}\~]"""


def siglip(vocab_size: int = 1004) -> Tokenizer:
    """Lower case, punctuation and doubled spaces away, </s> after; </s> is the padding too."""
    first = ["<unk>", "</s>"]
    t = base(first, vocab_size, "<unk>", "$A:0 </s>:0", "$A:0 </s>:0 $B:0 </s>:0")
    t.normalizer = normalizers.Sequence(
        [
            normalizers.Lowercase(),
            normalizers.Replace(Regex(PUNCTUATION), ""),
            normalizers.Replace(Regex(r"\s+"), " "),
            normalizers.Strip(),
        ]
    )
    t.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always", split=True)
    return special(t, first)
