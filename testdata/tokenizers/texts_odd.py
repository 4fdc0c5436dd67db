"""Texts of corpus.json: control characters, whitespace, special tokens, what is no UTF-8, long words and mixes."""

import random


def control_characters():
    some = [
        "\x00",
        "a\x00b",
        "\x01\x02\x03",
        "\x07\x08\x0b\x0c",
        "\x1b[31mred\x1b[0m",
        "\x1c\x1d\x1e\x1f",
        "a\x7fb",
        "\x80\x85\x9f",
        "\u2028\u2029",
        "\ufffd",
        "a\ufffdb",
        "\ufffe\uffff",
        "\ufdd0 \U0001fffe",
        "\ue000\uf8ff",
        "\U000f0000 \U0010fffd \U0010ffff",
        "\u0378 \u05ff \U000e0fff",
        "\ud7ff\ue000",
        "\U000e0001\U000e0020",
        "\ufff9\ufffa\ufffb\ufffc",
        "\u00ad\u0600\u070f",
        "\x00\x00the\x00end",
        "\u0085next line",
        "\u2065 \u206a",
        "\U0001bca0 \U0001d173 \U00013430",
    ]
    return some + ["".join(map(chr, range(0, 32))), "".join(map(chr, range(127, 161)))]


def whitespace_runs():
    some = [
        "",
        " ",
        "  ",
        "   ",
        "    ",
        "\t",
        "\n",
        "\r\n",
        "\n\n",
        "\n\n\n",
        " \n ",
        "\t\t\t",
        "\u00a0",
        "\u3000",
        "\u2003\u2002",
        "\u1680\u180e",
        "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a",
        "\u202f\u205f\u3000",
        "\v\f",
    ]
    joins = [f"a{s}b" for s in some if s] + [f"{s}a" for s in some if s] + [f"a{s}" for s in some if s]
    more = [
        "a  b   c    d     e",
        "x \n y",
        "x\n y",
        "x \ny",
        "x\n\n\ny",
        " \n\n x",
        "word \t\n tail  ",
        "\u00a0 \u00a0x",
        "a \u3000 b",
        "1  2",
        "!  ?",
        "  .",
        ".  ",
        " '",
        "  's",
        "\n's",
        "a\u00a0\u00a0b",
        "tab\tsep\tvalues",
        "\r\r\n\n",
        "a" + " " * 40 + "b",
        "\n" * 20 + "x",
        " " * 33,
        "\t \t \t",
        "a\u2009b\u200ac",
        "x\u2028y\u2029z",
    ]
    return some + joins + more


def special_tokens_as_text():
    names = [
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "[PAD]",
        "[UNK]",
        "<s>",
        "</s>",
        "<pad>",
        "<unk>",
        "<mask>",
        "<|endoftext|>",
        "<|im_start|>",
        "<|startoftext|>",
        "<|begin_of_text|>",
        "<bos>",
        "<eos>",
        "<extra_id_0>",
        "<sep>",
        "<cls>",
        "<eop>",
        "<think>",
        "<start_of_turn>",
        "[INST]",
        "eng_Latn",
        "en_XX",
        "[unused1]",
        "|||EMAIL_ADDRESS|||",
        "<\uff5cbegin\u2581of\u2581sentence\uff5c>",
        "<0x41>",
        "<0xE9>",
        "\u2581",
        "\u2581the",
        "##ing",
        "the</w>",
        "\u0120the",
        "\u2581\u2581",
    ]
    some = (
        [f"{t}" for t in names]
        + [f"a {t} b" for t in names[:22]]
        + [f"a{t}b" for t in names[:22]]
        + [f"{t}{t} {t}" for t in names[:12]]
    )
    some += [
        "Paris is the [MASK] of France.",
        "Paris is the <mask> of France.",
        "Paris is the<mask>of France",
        "  <mask>  ",
        "<mask>\n<mask>",
        "[cls] [Sep] [mask]",
        "[ CLS ]",
        "[CLS",
        "CLS]",
        "<s",
        "s>",
        "<<s>>",
        "[[MASK]]",
        "<MASK>",
        "<|im_start|>user\nHi!<|im_end|>\n<|im_start|>assistant\n",
        "<s>[INST] Hi [/INST] Ho </s>",
        "\u00e9<s>\u00e9",
        "\u4e2d[MASK]\u6587",
        "\uff3bMASK\uff3d",
        "[MA\u0301SK]",
        "<|endoftext|><|endoftext|>",
        "text<|endoftext|>text <|endoftext|> text",
        "<extra_id_0> x <extra_id_1>y<extra_id_2> ",
        "<fim_prefix>a<fim_suffix>b<fim_middle>",
        ">>TITLE<<abc",
    ]
    some += (
        [f"x [Added{i:02}] y" for i in range(16)]
        + [f"x[Added{i:02}]y" for i in range(16)]
        + [f"a word{i:x} b" for i in range(16)]
        + [f"aword{i:x}b" for i in range(0, 16, 3)]
    )
    return some + [
        "[Added00] [Added01]\t[Added02]\n[Added03]  [added08]  [ADDED09]",
        "  [Added05]  ",
        "([Added04])",
        "_[Added06]_ -[Added07]-",
        "[Added12][Added13][Added14][Added15]",
        "word0 word1  word2,word3.word4",
        "\u00e9word6\u00e9 \u4e2dword7\u6587",
        "WORD8 Word9 wordA wordb",
    ]


def invalid_utf8():
    return [
        b"\xff",
        b"\xfe\xff",
        b"abc\x80def",
        b"\xc3",
        b"\xc3(",
        b"caf\xe9",
        b"\xe2\x82",
        b"\xe2\x82x",
        b"\xe2(\xa1",
        b"\xf0\x9f\x98",
        b"\xf0\x9f",
        b"\xf0",
        b"\xf0\x9f\x98\x80\xf0\x9f\x98",
        b"\xed\xa0\x80",
        b"\xed\xa0\xbd\xed\xb8\x80",
        b"\xc0\x80",
        b"\xc1\xbf",
        b"\xe0\x80\x80",
        b"\xf0\x80\x80\x80",
        b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80",
        b"\xf8\x88\x80\x80\x80",
        b"\x80\x80\x80",
        b"a\xc3 b\xe2\x82 c",
        b"[CLS]\xff[SEP]",
        b"\xe4\xb8\xad\xe6\x96",
        b"\xe4\xb8\xad\xe6\x96\xe6\x96\x87",
        b"\xef\xbf\xbd\xff",
        b"\xef\xbb\xbfBOM",
        b"\xc3\xa9\xa9",
        b"x\x00\xffy",
        b"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41",
    ]


def long_words():
    rng = random.Random(11)
    letters = lambda n, pool: "".join(rng.choice(pool) for _ in range(n))
    return [
        "a" * 99,
        "a" * 100,
        "a" * 101,
        "\u00e9" * 100,
        "\u00e9" * 101,
        "\u4e2d" * 50,
        "\U0001f600" * 30,
        "ab" * 60,
        "internationalization" * 12,
        letters(100, "abcdefghijklmnopqrstuvwxyz"),
        letters(101, "abcdefghijklmnopqrstuvwxyz"),
        letters(400, "aeiourstln"),
        letters(150, "\u0430\u0431\u0432\u0433\u0434\u0435\u0436\u0437"),
        "x" * 1500,
        "the" * 300,
        "-" * 120,
        "!?" * 40,
        "1" * 130,
        "=" * 64,
        "_" * 33,
        "\u0301" * 40,
        "a" + "\u0301" * 40,
        "A" * 50 + "\u00df" * 51,
    ]


def random_mixes():
    """Characters of every kind, close together."""
    rng = random.Random(5)
    pools = [
        "abcdefghijklmnopqrstuvwxyz",
        "ABCDEFGHIJ",
        "0123456789",
        " \t\n\u00a0\u3000\u2009",
        ".,;:!?'\"()[]<>-_/\\@#$%",
        "\u00e9\u00df\u0130\u0131\u00c5\u017f\u1e9e\ufb01",
        "\u0301\u0302\u0323\u093c\u3099\u200d\ufe0f",
        "\u4e2d\u6587\u3042\u30a2\ud55c",
        "\u0627\u0644\u0639\u05d0\u05d1",
        "\u0e01\u0e33\u0915\u094d\u0937",
        "\U0001f600\U0001f469\U0001f3fd\U0001f1e9",
        "\x00\x07\u200b\ufeff\ufffd\u0085",
        "\u2581\u0120\u2153\u2460\u33c6",
    ]
    made = []
    for _ in range(60):
        chosen = rng.sample(pools, rng.randint(2, 5))
        made.append("".join(rng.choice(rng.choice(chosen)) for _ in range(rng.randint(3, 30))))
    return made
