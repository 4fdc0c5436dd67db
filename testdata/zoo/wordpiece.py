"""WordPiece tokenizers, as BERT and its relatives have them."""

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from corpus import CORPUS
from training import merge_pairs, split_words

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def bert(
    vocab_size: int = 1001,
    lowercase: bool = True,
    specials=SPECIALS,
    cls="[CLS]",
    sep="[SEP]",
    unk="[UNK]",
    pair_type: int = 1,
) -> Tokenizer:
    """BERT: clean, split CJK, lower case and strip accents (uncased), WordPiece, [CLS] A [SEP]."""
    t = Tokenizer(models.WordPiece(unk_token=unk))
    t.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=lowercase
    )
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    vocab = {piece: i for i, piece in enumerate(pieces(t, vocab_size, specials))}
    t.model = models.WordPiece(vocab, unk_token=unk, max_input_chars_per_word=100, continuing_subword_prefix="##")
    t.add_special_tokens(list(specials))
    t.post_processor = processors.TemplateProcessing(
        single=f"{cls}:0 $A:0 {sep}:0",
        pair=f"{cls}:0 $A:0 {sep}:0 $B:{pair_type} {sep}:{pair_type}",
        special_tokens=[(cls, vocab[cls]), (sep, vocab[sep])],
    )
    t.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    return t


def pieces(t: Tokenizer, vocab_size: int, specials) -> list[str]:
    """Special tokens, characters (first of a word and ##continuing), then merged pieces."""
    words = {}
    for word, n in split_words(t, CORPUS).items():
        words[tuple([word[0]] + ["##" + c for c in word[1:]])] = n
    alphabet = sorted({piece for word in words for piece in word})
    room = vocab_size - len(specials)
    added, _ = merge_pairs(words, alphabet, room, lambda a, b: a + b.removeprefix("##"))
    return [*specials, *alphabet, *added]


def vocab_txt(t: Tokenizer) -> str:
    """The vocabulary as vocab.txt has it: one token a line, in the order of the ids."""
    vocab = t.get_vocab()
    return "".join(token + "\n" for token in sorted(vocab, key=vocab.get))
