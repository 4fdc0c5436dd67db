"""Model folders without a tokenizer.json: vocab.txt, vocab.json with merges.txt, or a sentencepiece model. Writes
folders/<name>/, and as converted/<name>.json.gz the tokenizer that transformers builds out of each.
"""

import gzip
import json
import shutil

import transformers

from common import HERE, LINES, sentencepiece_model, write_gz

BERT = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
FAIRSEQ = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "cls_token": "<s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
}


def model(name):
    return json.loads(gzip.decompress((HERE / "models" / f"{name}.json.gz").read_bytes()))["model"]


def folder(name, model_type, files, config=None, **more):
    """files: name -> text or bytes; config: tokenizer_config.json; more: further JSON files without their .json."""
    path = HERE / "folders" / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    files = files | {"config.json": json.dumps({"model_type": model_type}, indent=2)}
    if config is not None:
        more["tokenizer_config"] = config
    files |= {f"{key}.json": json.dumps(value, indent=2, ensure_ascii=False) for key, value in more.items()}
    for file, data in files.items():
        (path / file).write_bytes(data if isinstance(data, bytes) else data.encode())
    tok = transformers.AutoTokenizer.from_pretrained(str(path))
    text = json.dumps(json.loads(tok.backend_tokenizer.to_str()), ensure_ascii=False, separators=(",", ":"))
    write_gz(HERE / "converted" / f"{name}.json.gz", text.encode())
    print(name, type(tok).__name__, tok.vocab_size, len(tok), tok("Hello world")["input_ids"])


def vocab_txt(trained):
    vocab = sorted(model(trained)["vocab"].items(), key=lambda item: item[1])
    return {"vocab.txt": "".join(f"{t}\n" for t, _ in vocab)}


def vocab_and_merges(trained, more=()):
    parts = model(trained)
    vocab = dict(parts["vocab"])
    for token in more:
        vocab.setdefault(token, len(vocab))
    merges = [" ".join(m) for m in parts["merges"]]
    return {
        "vocab.json": json.dumps(vocab, ensure_ascii=False),
        "merges.txt": "\n".join(["#version: 0.2", *merges, ""]),
    }


def words():
    folder(
        "bert-uncased",
        "bert",
        vocab_txt("bert-uncased"),
        BERT | {"do_lower_case": True, "tokenizer_class": "BertTokenizer", "model_max_length": 512},
    )
    folder("bert-cased", "bert", vocab_txt("bert-cased"), {"do_lower_case": False, "tokenizer_class": "BertTokenizer"})
    folder("bert-bare", "bert", vocab_txt("bert-uncased"))
    folder(
        "bert-accents",
        "bert",
        vocab_txt("electra"),
        {
            "do_lower_case": True,
            "strip_accents": False,
            "tokenize_chinese_chars": False,
            "tokenizer_class": "BertTokenizerFast",
        },
        special_tokens_map=BERT,
        added_tokens={"[NEW]": 1400, "new word": 1401},
    )
    folder(
        "distilbert",
        "distilbert",
        vocab_txt("bert-uncased"),
        {
            "do_lower_case": True,
            "tokenizer_class": "DistilBertTokenizer",
            "added_tokens_decoder": {
                "0": {
                    "content": "[PAD]",
                    "lstrip": False,
                    "normalized": False,
                    "rstrip": False,
                    "single_word": False,
                    "special": True,
                },
                "1400": {
                    "content": "<extra>",
                    "lstrip": True,
                    "normalized": True,
                    "rstrip": False,
                    "single_word": True,
                    "special": False,
                },
            },
        },
    )
    folder(
        "electra", "electra", vocab_txt("bert-uncased"), {"do_lower_case": True, "tokenizer_class": "ElectraTokenizer"}
    )
    mpnet = {"vocab.txt": vocab_txt("mpnet")["vocab.txt"] + "<mask>\n"}
    folder("mpnet", "mpnet", mpnet, {"do_lower_case": True, "tokenizer_class": "MPNetTokenizer"} | FAIRSEQ)


def byte_levels():
    folder("gpt2", "gpt2", vocab_and_merges("gpt2"), {"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": False})
    folder("roberta", "roberta", vocab_and_merges("roberta", ["<mask>"]), {"tokenizer_class": "RobertaTokenizer"})
    folder(
        "roberta-prefix-space",
        "roberta",
        vocab_and_merges("roberta", ["<mask>"]),
        {"tokenizer_class": "RobertaTokenizer", "add_prefix_space": True},
    )
    folder("bart", "bart", vocab_and_merges("roberta", ["<mask>"]), {"tokenizer_class": "BartTokenizer"})
    folder("deberta", "deberta", vocab_and_merges("deberta"), {"tokenizer_class": "DebertaTokenizer"})
    qwen = {
        str(1200 + i): {
            "content": t,
            "lstrip": False,
            "normalized": False,
            "rstrip": False,
            "single_word": False,
            "special": True,
        }
        for i, t in enumerate(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    }
    folder(
        "qwen2",
        "qwen2",
        vocab_and_merges("qwen2"),
        {
            "tokenizer_class": "Qwen2Tokenizer",
            "added_tokens_decoder": qwen,
            "eos_token": "<|im_end|>",
            "pad_token": "<|endoftext|>",
            "bos_token": None,
            "unk_token": None,
            "add_prefix_space": False,
        },
    )
    folder("clip", "clip", vocab_and_merges("clip"), {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77})


def sentencepieces():
    def spm(name, kind="unigram", rule="nmt_nfkc", size=1000, **options):
        return {name: sentencepiece_model(kind, rule, size=size, **options).SerializeToString()}

    fairseq = spm("sentencepiece.bpe.model")
    folder("xlm-roberta", "xlm-roberta", fairseq, {"tokenizer_class": "XLMRobertaTokenizer", "model_max_length": 512})
    folder("camembert", "camembert", fairseq, {"tokenizer_class": "CamembertTokenizer"})
    folder("mbart", "mbart", fairseq, {"tokenizer_class": "MBartTokenizer", "src_lang": "en_XX"})
    folder(
        "t5",
        "t5",
        spm("spiece.model", pad_id=0, eos_id=1, unk_id=2, bos_id=-1),
        {
            "tokenizer_class": "T5Tokenizer",
            "extra_ids": 10,
            "additional_special_tokens": [f"<extra_id_{i}>" for i in range(10)],
        },
    )
    folder(
        "albert",
        "albert",
        spm(
            "spiece.model",
            pad_id=0,
            unk_id=1,
            bos_id=-1,
            eos_id=-1,
            control_symbols="[CLS],[SEP]",
            user_defined_symbols=["[MASK]", "(", ")", '"', "-", ".", "\u2013", "\u00a3", "\u20ac"],
        ),
        {"tokenizer_class": "AlbertTokenizer", "do_lower_case": True, "keep_accents": False},
    )
    folder(
        "xlnet",
        "xlnet",
        spm(
            "spiece.model",
            unk_id=0,
            bos_id=1,
            eos_id=2,
            pad_id=-1,
            control_symbols="<cls>,<sep>,<pad>,<mask>",
            user_defined_symbols="<eop>,<eod>",
        ),
        {"tokenizer_class": "XLNetTokenizer", "do_lower_case": False},
    )
    folder(
        "deberta-v2",
        "deberta-v2",
        spm(
            "spm.model",
            rule="nmt_nfkc_cf",
            pad_id=0,
            bos_id=1,
            eos_id=2,
            unk_id=3,
            pad_piece="[PAD]",
            bos_piece="[CLS]",
            eos_piece="[SEP]",
            unk_piece="[UNK]",
        ),
        {"tokenizer_class": "DebertaV2Tokenizer", "do_lower_case": False, "split_by_punct": False},
    )
    folder(
        "deberta-v2-split",
        "deberta-v2",
        spm(
            "spm.model",
            rule="identity",
            pad_id=0,
            bos_id=1,
            eos_id=2,
            unk_id=3,
            pad_piece="[PAD]",
            bos_piece="[CLS]",
            eos_piece="[SEP]",
            unk_piece="[UNK]",
        ),
        {"tokenizer_class": "DebertaV2Tokenizer", "do_lower_case": True, "split_by_punct": True},
    )
    llama = spm("tokenizer.model", kind="bpe", rule="identity", size=1200, coverage=0.98, byte_fallback=True)
    folder(
        "llama",
        "llama",
        llama,
        {
            "tokenizer_class": "LlamaTokenizer",
            "add_bos_token": True,
            "add_eos_token": False,
            "legacy": True,
            "bos_token": "<s>",
            "eos_token": "</s>",
            "unk_token": "<unk>",
        },
    )
    folder(
        "mistral",
        "mistral",
        llama,
        {
            "tokenizer_class": "LlamaTokenizer",
            "add_bos_token": True,
            "add_eos_token": True,
            "legacy": False,
            "bos_token": "<s>",
            "eos_token": "</s>",
            "unk_token": "<unk>",
            "pad_token": "</s>",
        },
    )
    folder(
        "gemma",
        "gemma",
        spm(
            "tokenizer.model",
            kind="bpe",
            rule="identity",
            size=1200,
            coverage=0.98,
            byte_fallback=True,
            pad_id=0,
            eos_id=1,
            bos_id=2,
            unk_id=3,
            bos_piece="<bos>",
            eos_piece="<eos>",
            user_defined_symbols=["<mask>", "\n", "\u2581\u2581", "<start_of_turn>"],
        ),
        {"tokenizer_class": "GemmaTokenizer", "add_bos_token": True},
    )


def main():
    assert LINES
    words()
    byte_levels()
    sentencepieces()


if __name__ == "__main__":
    main()
