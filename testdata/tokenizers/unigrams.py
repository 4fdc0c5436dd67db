"""Families that come from sentencepiece: Unigram with a genuine charsmap, and BPE over characters with byte fallback."""

import json

from tokenizers import Regex, Tokenizer, models
from tokenizers.normalizers import NFC, NFKC, NFKD, Lowercase, Nmt, Precompiled, Prepend, Replace, Strip, StripAccents
from tokenizers.normalizers import Sequence as Normalizers
from tokenizers.pre_tokenizers import Metaspace, Punctuation, Split, WhitespaceSplit
from tokenizers.pre_tokenizers import Sequence as PreTokenizers
from tokenizers.processors import TemplateProcessing

from common import merges, pieces, save, sentencepiece_bpe, sentencepiece_model, token

SPACE = "\u2581"


def template(tok, single, pair, *names):
    tok.post_processor = TemplateProcessing(
        single=single, pair=pair, special_tokens=[(n, tok.token_to_id(n)) for n in names]
    )


def unigram(proto, normalizer, pre_tokenizer, vocab=None, unk_id=None, **options):
    vocab = vocab or pieces(proto)
    tok = Tokenizer(
        models.Unigram(
            vocab,
            unk_id=proto.trainer_spec.unk_id if unk_id is None else unk_id,
            byte_fallback=options.pop("byte_fallback", False),
        )
    )
    tok.normalizer, tok.pre_tokenizer = normalizer, pre_tokenizer
    return tok


def metaspace(scheme="always", **options):
    return Metaspace(SPACE, prepend_scheme=scheme, **options)


def words_then_metaspace():
    return PreTokenizers([WhitespaceSplit(), metaspace()])


def fairseq(proto, *more):
    """XLM-R's order of pieces: <s> <pad> </s> <unk>, sentencepiece's from the fourth on, <mask>."""
    return [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *pieces(proto)[3:], *more, ("<mask>", 0.0)]


def xlm_r(proto, charsmap):
    tok = unigram(proto, Precompiled(charsmap), words_then_metaspace(), fairseq(proto), unk_id=3)
    tok.add_special_tokens(
        [token(t) for t in ("<s>", "<pad>", "</s>", "<unk>")] + [token("<mask>", lstrip=True, normalized=True)]
    )
    template(tok, "<s> $A </s>", "<s> $A </s> </s> $B </s>", "<s>", "</s>")
    save("xlm-roberta", tok)

    # As the converter of later versions writes it, and with the declarations of multilingual sentence models.
    tok.normalizer = Normalizers([Precompiled(charsmap), Strip(False, True), Replace(Regex(" {2,}"), SPACE)])
    tok.pre_tokenizer = metaspace()
    tok.enable_truncation(max_length=32)
    tok.enable_padding(pad_id=1, pad_token="<pad>")
    save("xlm-roberta-converted", tok)

    tok = unigram(
        proto,
        Normalizers([Precompiled(charsmap), Replace(Regex(" {2,}"), SPACE)]),
        metaspace(),
        fairseq(proto, ("de_DE", 0.0), ("en_XX", 0.0)),
        unk_id=3,
    )
    tok.add_special_tokens([token(t) for t in ("<s>", "<pad>", "</s>", "<unk>", "de_DE", "en_XX")])
    tok.add_special_tokens([token("<mask>", lstrip=True)])
    template(tok, "$A </s> en_XX", "$A $B </s> en_XX", "</s>", "en_XX")
    save("mbart", tok)

    camembert = [
        ("<s>NOTUSED", 0.0),
        ("<pad>", 0.0),
        ("</s>NOTUSED", 0.0),
        ("<unk>", 0.0),
        ("<unk>NOTUSED", -100),
        *pieces(proto)[1:],
        ("<mask>", 0.0),
    ]
    tok = unigram(
        proto, Normalizers([Precompiled(charsmap), Replace(Regex(" {2,}"), " ")]), metaspace(), camembert, unk_id=3
    )
    tok.add_special_tokens(
        [token(t) for t in ("<s>", "<pad>", "</s>", "<unk>", "<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED")]
    )
    tok.add_special_tokens([token("<mask>", lstrip=True, normalized=True)])
    template(tok, "<s> $A </s>", "<s> $A </s> </s> $B </s>", "<s>", "</s>")
    save("camembert", tok)


def t5_albert_xlnet(charsmap):
    proto = sentencepiece_model("unigram", "nmt_nfkc", pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    extra = [f"<extra_id_{i}>" for i in range(9, -1, -1)]
    tok = unigram(proto, Precompiled(charsmap), words_then_metaspace(), pieces(proto) + [(t, 0.0) for t in extra])
    tok.add_special_tokens(
        [token(t) for t in ("</s>", "<unk>", "<pad>")] + [token(t, lstrip=True, rstrip=True) for t in extra]
    )
    template(tok, "$A </s>", "$A </s> $B </s>", "</s>")
    save("t5", tok)

    albert = sentencepiece_model(
        "unigram",
        "nmt_nfkc",
        pad_id=0,
        unk_id=1,
        bos_id=-1,
        eos_id=-1,
        control_symbols="[CLS],[SEP]",
        user_defined_symbols="[MASK]",
    )
    quotes = [Replace("``", '"'), Replace("''", '"')]
    tok = unigram(
        albert,
        Normalizers(
            [*quotes, NFKD(), StripAccents(), Lowercase(), Precompiled(charsmap), Replace(Regex(" {2,}"), " ")]
        ),
        words_then_metaspace(),
    )
    tok.add_special_tokens([token(t) for t in ("<pad>", "<unk>", "[CLS]", "[SEP]")] + [token("[MASK]", lstrip=True)])
    template(tok, "[CLS]:0 $A:0 [SEP]:0", "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", "[CLS]", "[SEP]")
    save("albert", tok)

    xlnet = sentencepiece_model(
        "unigram",
        "nmt_nfkc",
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=-1,
        control_symbols="<cls>,<sep>,<pad>,<mask>",
        user_defined_symbols="<eop>,<eod>",
    )
    tok = unigram(
        xlnet,
        Normalizers([*quotes, NFKD(), StripAccents(), Precompiled(charsmap), Replace(Regex(" {2,}"), " ")]),
        metaspace(),
    )
    tok.add_special_tokens([token(t) for t in ("<unk>", "<s>", "</s>", "<cls>", "<sep>", "<pad>", "<eop>", "<eod>")])
    tok.add_special_tokens([token("<mask>", lstrip=True)])
    template(tok, "$A:0 <sep>:0 <cls>:2", "$A:0 <sep>:0 $B:1 <sep>:1 <cls>:2", "<sep>", "<cls>")
    tok.enable_padding(direction="left", pad_id=5, pad_type_id=3, pad_token="<pad>")
    save("xlnet", tok)


def folded():
    """nmt_nfkc_cf, the charsmap that also folds case, and DeBERTa's normalizers."""
    proto = sentencepiece_model(
        "unigram",
        "nmt_nfkc_cf",
        pad_id=0,
        bos_id=1,
        eos_id=2,
        unk_id=3,
        pad_piece="[PAD]",
        bos_piece="[CLS]",
        eos_piece="[SEP]",
        unk_piece="[UNK]",
        user_defined_symbols="[MASK]",
    )
    charsmap = proto.normalizer_spec.precompiled_charsmap
    tok = unigram(
        proto,
        Normalizers([Lowercase(), Strip(), Precompiled(charsmap), Replace(Regex(" {2,}"), " ")]),
        PreTokenizers([Punctuation("isolated"), metaspace()]),
    )
    tok.add_special_tokens([token(t) for t in ("[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]")])
    template(tok, "[CLS]:0 $A:0 [SEP]:0", "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", "[CLS]", "[SEP]")
    save("deberta-v2-folded", tok)

    tok.normalizer = Normalizers([Replace(Regex(r"\s{2,}|[\n\r\t]"), " "), NFC(), Strip(False, True)])
    tok.pre_tokenizer = PreTokenizers([metaspace()])
    save("deberta-v3", tok)

    # SigLIP: everything but letters and digits goes before T5's way.
    tok.normalizer = Normalizers(
        [
            Lowercase(),
            Replace(Regex(r"[!\"\#\$%\&'\(\)\*\+,\-\.:;=\?@\[\\\]\^_`\{\|\}\~]"), ""),
            Replace(Regex(r"\s+"), " "),
            Strip(),
            Precompiled(charsmap),
        ]
    )
    tok.pre_tokenizer = words_then_metaspace()
    save("siglip", tok)

    tok = unigram(proto, Normalizers([Nmt(), NFKC(), Replace(Regex(" {2,}"), " ")]), metaspace())
    old = json.loads(tok.to_str())  # older files: Metaspace with add_prefix_space
    old["pre_tokenizer"] = {"type": "Metaspace", "replacement": SPACE, "add_prefix_space": True}
    old["model"].pop("byte_fallback")
    save("unigram-nmt", old)

    small = sentencepiece_model("unigram", "identity", size=1100, coverage=0.98, byte_fallback=True)
    tok = unigram(small, None, metaspace("first"), byte_fallback=True)
    save("unigram-byte-fallback", tok)


def llama_and_gemma():
    proto = sentencepiece_model("bpe", "identity", size=1200, coverage=0.98, byte_fallback=True)
    special = [token(t) for t in ("<unk>", "<s>", "</s>")]

    tok = sentencepiece_bpe(proto, unk_token="<unk>")
    tok.normalizer = Normalizers([Prepend(SPACE), Replace(" ", SPACE)])
    tok.add_special_tokens(special)
    template(tok, "<s> $A", "<s> $A <s>:1 $B:1", "<s>")
    save("llama2", tok)
    # Mistral's embedding models end texts with </s>, and declare a length.
    template(tok, "<s> $A </s>", "<s> $A </s> <s>:1 $B:1 </s>:1", "<s>", "</s>")
    tok.enable_truncation(max_length=40, stride=3)
    save("e5-mistral", tok)

    tok = sentencepiece_bpe(proto, unk_token="<unk>")
    tok.pre_tokenizer = metaspace("first", split=False)
    tok.add_special_tokens(special)
    tok.add_tokens([token("\u2581\u2581", special=False), token("<|user|>", special=False, rstrip=True)])
    template(tok, "<s> $A", "<s> $A <s>:1 $B:1", "<s>")
    save("llama2-metaspace", tok)
    tok.pre_tokenizer = metaspace("never", split=True)
    save("llama2-never", tok)

    proto = sentencepiece_model(
        "bpe",
        "identity",
        size=1200,
        coverage=0.98,
        byte_fallback=True,
        pad_id=0,
        eos_id=1,
        bos_id=2,
        unk_id=3,
        bos_piece="<bos>",
        eos_piece="<eos>",
        user_defined_symbols=["\n", "\n\n", "\u2581\u2581", "\u2581\u2581\u2581", "<start_of_turn>"],
    )
    tok = sentencepiece_bpe(proto, unk_token="<unk>")
    tok.normalizer = Replace(" ", SPACE)
    tok.pre_tokenizer = Split(" ", "merged_with_previous")
    tok.add_special_tokens([token(t) for t in ("<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>")])
    tok.add_tokens([token(t, special=False) for t in ("\n", "\n\n", SPACE * 2, SPACE * 3)])
    template(tok, "<bos>:0 $A:0", "<bos>:0 $A:0 <bos>:1 $B:1", "<bos>")
    save("gemma", tok)
    template(tok, "<bos>:0 $A:0 <eos>:0", "<bos>:0 $A:0 <eos>:0 $B:1 <eos>:1", "<bos>", "<eos>")
    tok.enable_padding(direction="left", pad_id=0, pad_token="<pad>", pad_to_multiple_of=4)
    save("embeddinggemma", tok)

    # NLLB: BPE out of sentencepiece, unknown characters fused, the language before the text.
    proto = sentencepiece_model("bpe", "nmt_nfkc", size=1100, coverage=0.98)
    vocab = {p: i for i, p in enumerate(["<s>", "<pad>", "</s>", "<unk>"] + [p for p, _ in pieces(proto)[3:]])}
    tok = Tokenizer(
        models.BPE(vocab=vocab, merges=merges(proto), unk_token="<unk>", fuse_unk=True, byte_fallback=False)
    )
    tok.normalizer = Normalizers(
        [Precompiled(proto.normalizer_spec.precompiled_charsmap), Replace(Regex(" {2,}"), " ")]
    )
    tok.pre_tokenizer = metaspace(split=True)
    tok.add_special_tokens([token(t) for t in ("<s>", "<pad>", "</s>", "<unk>", "eng_Latn", "deu_Latn")])
    tok.add_special_tokens([token("<mask>", lstrip=True, normalized=True)])
    template(tok, "eng_Latn $A </s>", "eng_Latn $A $B </s>", "eng_Latn", "</s>")
    save("nllb", tok)


def main():
    proto = sentencepiece_model("unigram", "nmt_nfkc", size=1500)
    charsmap = proto.normalizer_spec.precompiled_charsmap
    xlm_r(proto, charsmap)
    t5_albert_xlnet(charsmap)
    folded()
    llama_and_gemma()


if __name__ == "__main__":
    main()
