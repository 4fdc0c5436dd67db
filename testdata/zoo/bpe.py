"""Byte-pair encoding tokenizers.

Byte-level (RoBERTa, ModernBERT, Qwen, Llama 3, CLIP) and with byte fallback (Mistral, Gemma)."""

from collections import Counter

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from corpus import CORPUS
from training import merge_pairs, split_words

BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())

QWEN_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
    r"\s+(?!\S)|\s+"
)
LLAMA3_SPLIT = QWEN_SPLIT.replace(r"\p{N}| ?", r"\p{N}{1,3}| ?")
CLIP_SPLIT = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def train(t: Tokenizer, first, vocab_size: int, alphabet=BYTES, suffix: str = "", last=(), **model) -> dict[str, int]:
    """Sets t.model: ids are first (special tokens), alphabet, merged pieces, last (special tokens). Gives the ids."""
    words = Counter()
    for word, n in split_words(t, CORPUS).items():
        known = [c for c in word if c in set(alphabet)]
        if len(known) == len(word):
            words[tuple([*word[:-1], word[-1] + suffix])] += n
    pieces = [*alphabet, *(c + suffix for c in alphabet)] if suffix else list(alphabet)
    added, merges = merge_pairs(words, pieces, vocab_size - len(first) - len(last), lambda a, b: a + b)
    vocab = {piece: i for i, piece in enumerate([*first, *pieces, *added, *last])}
    t.model = models.BPE(vocab, merges, **({"end_of_word_suffix": suffix} if suffix else {}), **model)
    return vocab


def special(t: Tokenizer, tokens, **options) -> None:
    t.add_special_tokens([AddedToken(x, normalized=False, special=True, **options) for x in tokens])


def roberta(vocab_size: int = 1003) -> Tokenizer:
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=True)
    first = ["<s>", "<pad>", "</s>", "<unk>"]
    v = train(t, first, vocab_size, last=["<mask>"])
    special(t, first)
    special(t, ["<mask>"], lstrip=True)
    t.post_processor = processors.RobertaProcessing(
        ("</s>", v["</s>"]), ("<s>", v["<s>"]), trim_offsets=True, add_prefix_space=False
    )
    t.decoder = decoders.ByteLevel()
    return t


def modernbert(vocab_size: int = 1005) -> Tokenizer:
    t = Tokenizer(models.BPE())
    t.normalizer = normalizers.NFC()
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=True)
    last = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]
    v = train(t, ["|||IP_ADDRESS|||", "<|padding|>"], vocab_size, last=last)
    special(t, ["|||IP_ADDRESS|||", "<|padding|>", *last[:-1]])
    special(t, ["[MASK]"], lstrip=True)
    t.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:0 [SEP]:0",
        special_tokens=[(x, v[x]) for x in ("[CLS]", "[SEP]")],
    )
    t.decoder = decoders.ByteLevel()
    return t


def qwen(vocab_size: int = 999, end: bool = True) -> Tokenizer:
    """Qwen 2 and 3. With end, <|endoftext|> follows each text, as in the tokenizer.json of the embedding models."""
    t = Tokenizer(models.BPE())
    t.normalizer = normalizers.NFC()
    t.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN_SPLIT), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False),
        ]
    )
    last = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    v = train(t, [], vocab_size, last=last)
    special(t, last)
    steps = [processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)]
    if end:
        steps.append(
            processors.TemplateProcessing(
                single="$A:0 <|endoftext|>:0",
                pair="$A:0 <|endoftext|>:0 $B:1 <|endoftext|>:1",
                special_tokens=[("<|endoftext|>", v["<|endoftext|>"])],
            )
        )
    t.post_processor = processors.Sequence(steps) if end else steps[0]
    t.decoder = decoders.ByteLevel()
    return t


def llama3(vocab_size: int = 997) -> Tokenizer:
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(LLAMA3_SPLIT), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=False),
        ]
    )
    last = ["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"]
    v = train(t, [], vocab_size, last=last, ignore_merges=True)
    special(t, last)
    t.post_processor = processors.Sequence(
        [
            processors.ByteLevel(add_prefix_space=True, trim_offsets=False, use_regex=True),
            processors.TemplateProcessing(
                single="<|begin_of_text|>:0 $A:0",
                pair="<|begin_of_text|>:0 $A:0 <|begin_of_text|>:1 $B:1",
                special_tokens=[("<|begin_of_text|>", v["<|begin_of_text|>"])],
            ),
        ]
    )
    t.decoder = decoders.ByteLevel()
    return t


def clip(vocab_size: int = 1021) -> Tokenizer:
    t = Tokenizer(models.BPE())
    t.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    t.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(CLIP_SPLIT), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=True),
        ]
    )
    last = ["<|startoftext|>", "<|endoftext|>"]
    v = train(t, [], vocab_size, suffix="</w>", last=last, unk_token="<|endoftext|>", continuing_subword_prefix="")
    special(t, last)
    t.post_processor = processors.RobertaProcessing(
        ("<|endoftext|>", v["<|endoftext|>"]),
        ("<|startoftext|>", v["<|startoftext|>"]),
        trim_offsets=False,
        add_prefix_space=False,
    )
    t.decoder = decoders.ByteLevel()
    return t


def fallback(first, vocab_size: int, template: str, gemma: bool) -> Tokenizer:
    """SentencePiece's BPE as Llama 2, Mistral (gemma False) and Gemma have it: spaces as U+2581, bytes as <0x00>."""
    t = Tokenizer(models.BPE())
    words = Counter()
    for line in CORPUS:
        marked = ("" if gemma else "\u2581") + line.replace(" ", "\u2581")
        for i, word in enumerate(marked.split("\u2581")):
            if word:
                words[tuple(word if i == 0 else "\u2581" + word)] += 1
    letters = sorted({c for word in words for c in word})
    in_bytes = [f"<0x{b:02X}>" for b in range(256)]
    added, merges = merge_pairs(words, letters, vocab_size - len(first) - 256, lambda a, b: a + b)
    vocab = {piece: i for i, piece in enumerate([*first, *in_bytes, *added, *letters])}
    t.model = models.BPE(vocab, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    if gemma:
        t.normalizer = normalizers.Replace(" ", "\u2581")
        t.pre_tokenizer = pre_tokenizers.Split(" ", behavior="merged_with_previous", invert=False)
    else:
        t.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    special(t, first)
    names = [x.split(":")[0] for x in template.split() if not x.startswith("$")]
    pair = template + " " + template.replace(":0", ":1").replace("$A", "$B")
    t.post_processor = processors.TemplateProcessing(
        single=template, pair=pair, special_tokens=[(x, vocab[x]) for x in names]
    )
    steps = [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()]
    t.decoder = decoders.Sequence(steps if gemma else [*steps, decoders.Strip(" ", 1, 0)])
    return t


def mistral(vocab_size: int = 1002) -> Tokenizer:
    """e5-mistral: <s> before and </s> after."""
    return fallback(["<unk>", "<s>", "</s>"], vocab_size, "<s>:0 $A:0 </s>:0", gemma=False)


def gemma(vocab_size: int = 1004, end: bool = False) -> Tokenizer:
    """Gemma: <bos> before; with end (EmbeddingGemma) <eos> after."""
    first = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    return fallback(first, vocab_size, "<bos>:0 $A:0 <eos>:0" if end else "<bos>:0 $A:0", gemma=True)
