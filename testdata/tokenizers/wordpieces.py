"""WordPiece families, and others that work on words: BERT's many, MPNet, model2vec, WordLevel."""

import json

from tokenizers import Regex, Tokenizer, decoders, models, trainers
from tokenizers.normalizers import NFD, BertNormalizer, Lowercase, Replace, StripAccents, Strip
from tokenizers.normalizers import Sequence as Normalizers
from tokenizers.pre_tokenizers import BertPreTokenizer, Metaspace, Punctuation, Whitespace, WhitespaceSplit
from tokenizers.pre_tokenizers import Sequence as PreTokenizers
from tokenizers.processors import BertProcessing, RobertaProcessing, TemplateProcessing

from common import LINES, bpe, pieces, save, sentencepiece_model, token, wordpiece

BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def bert_template(tok):
    tok.post_processor = TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", tok.token_to_id("[CLS]")), ("[SEP]", tok.token_to_id("[SEP]"))],
    )
    tok.decoder = decoders.WordPiece(prefix="##")
    return tok


def bert(normalizer, **options):
    return bert_template(wordpiece(normalizer, BertPreTokenizer(), BERT, **options))


def main():
    uncased = bert(BertNormalizer(True, True, None, True))
    save("bert-uncased", uncased)
    save("bert-cased", bert(BertNormalizer(True, True, None, False)))

    # As sentence-transformers saves them: truncation and padding lie in the file.
    minilm = Tokenizer.from_str(uncased.to_str())
    minilm.enable_truncation(max_length=24)
    minilm.enable_padding(length=24, pad_id=0, pad_token="[PAD]")
    save("minilm-declared", minilm)

    distilbert = Tokenizer.from_str(uncased.to_str())
    distilbert.post_processor = BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    distilbert.enable_truncation(max_length=16, stride=4, strategy="only_first", direction="left")
    distilbert.enable_padding(direction="left", pad_id=0, pad_token="[PAD]", pad_to_multiple_of=8)
    save("distilbert", distilbert)

    save("electra", bert(BertNormalizer(True, True, False, True)))
    save("bert-japanese-like", bert(BertNormalizer(False, False, True, False), size=1100))
    # LaBSE and multilingual BERT: cased; here with a short limit of characters a word.
    save("bert-multilingual-cased", bert(BertNormalizer(True, True, True, False), max_input_chars_per_word=12))

    words = ["<s>", "<pad>", "</s>", "<unk>", "[UNK]"]
    mpnet = wordpiece(BertNormalizer(True, True, None, True), BertPreTokenizer(), words)
    mpnet.add_special_tokens([token("<mask>", lstrip=True)])
    mpnet.post_processor = RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    save("mpnet", mpnet)

    # Distilled static models: WordPiece with no post-processor, and the same words as Unigram with spaced punctuation.
    static = wordpiece(BertNormalizer(True, True, None, True), BertPreTokenizer(), ["[PAD]", "[UNK]"])
    save("model2vec", static)
    proto = sentencepiece_model(
        "unigram", "nfkc_cf", size=900, unk_id=1, pad_id=0, bos_id=-1, eos_id=-1, unk_piece="[UNK]", pad_piece="[PAD]"
    )
    unigram = Tokenizer(models.Unigram(pieces(proto), unk_id=1, byte_fallback=False))
    unigram.normalizer = Normalizers(
        [
            BertNormalizer(True, True, None, True),
            Replace(Regex(r"([!-/:-@\[-`{-~])"), " . "),
            Replace(Regex(r"\s+"), " "),
            Strip(True, True),
        ]
    )
    unigram.pre_tokenizer = Metaspace("\u2581", prepend_scheme="always", split=False)
    save("model2vec-unigram", unigram)

    level = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    level.normalizer = Normalizers([NFD(), StripAccents(), Lowercase()])
    level.pre_tokenizer = Whitespace()
    level.train_from_iterator(
        LINES, trainers.WordLevelTrainer(vocab_size=800, special_tokens=BERT, show_progress=False)
    )
    save("wordlevel", bert_template(level))

    level = Tokenizer(models.WordLevel(unk_token="<unk>"))
    level.pre_tokenizer = PreTokenizers([WhitespaceSplit(), Punctuation("merged_with_previous")])
    level.train_from_iterator(
        LINES, trainers.WordLevelTrainer(vocab_size=700, special_tokens=["<unk>"], show_progress=False)
    )
    save("wordlevel-split", level)

    # BPE over words: the first GPT, and Herbert.
    gpt = bpe(
        BertNormalizer(True, True, None, True),
        BertPreTokenizer(),
        ["<unk>"],
        alphabet=[],
        size=1300,
        trainer={"end_of_word_suffix": "</w>", "limit_alphabet": 400},
        unk_token="<unk>",
        end_of_word_suffix="</w>",
    )
    save("openai-gpt", gpt)
    herbert = bpe(
        BertNormalizer(True, True, None, False),
        BertPreTokenizer(),
        ["<s>", "</s>", "<pad>", "<unk>", "<mask>"],
        alphabet=[],
        size=1300,
        trainer={"end_of_word_suffix": "</w>", "limit_alphabet": 300},
        unk_token="<unk>",
        end_of_word_suffix="</w>",
        fuse_unk=True,
    )
    herbert.post_processor = BertProcessing(("</s>", 1), ("<s>", 0))
    save("herbert", herbert)
    # A prefix on pieces within a word, and unknown characters dropped, because there is no unknown token.
    save(
        "bpe-continuing",
        bpe(
            Lowercase(),
            Whitespace(),
            [],
            alphabet=[],
            size=900,
            trainer={"continuing_subword_prefix": "##", "limit_alphabet": 120},
            continuing_subword_prefix="##",
        ),
    )

    # Old files: no "type" on the model, no names for defaults, merges as text, Bert's parts by their older names.
    old = json.loads(uncased.to_str())
    del old["model"]["type"]
    del old["model"]["max_input_chars_per_word"], old["model"]["continuing_subword_prefix"]
    old["model"] |= {"max_input_chars_per_word": 100, "continuing_subword_prefix": "##"}
    save("bert-untyped", old)


if __name__ == "__main__":
    main()
