"""Writes corpus.json: the texts that every tokenizer must agree on, as pairs of a kind and a text.

Texts that are not UTF-8 are kept as base64 with what Python's decode(errors="replace") makes of them.
"""

import base64
import json
import random

from common import HERE

KINDS = {}


def kind(function):
    KINDS[function.__name__.replace("_", " ")] = function
    return function


def train_lines():
    return (HERE / "train.txt").read_text(encoding="utf-8").splitlines()


@kind
def sentences():
    """Lines of the training text, and ordinary text that no tokenizer was trained on."""
    return train_lines() + [
        "", "a", "A", "I", "the", "Hello", "hello world", "Hello, World!", "What's up?", "OK.", "Yes!!!", "No...", "Mr. O'Neill isn't here.",
        "The year 1984, the 21st century, 3rd place, 4x4, 1st, 2nd, 10:45pm, 12/31/1999, 2020-02-29T12:34:56Z.",
        "She'll've gone; they'd've known; y'all'd've come; rock'n'roll; 'tis; o'clock; 'S, 'T, 'RE, 'VE, 'M, 'LL, 'D",
        "I'M, YOU'RE, WE'VE, HE'D, SHE'LL, IT'S, DON'T: SHOUTED CONTRACTIONS", "state-of-the-art, well-known, mother-in-law, e-mail, T-shirt",
        "Dr. Smith paid $3.50 (plus 7.5% tax) for 2 lbs. of apples @ Joe's Store & Co.", "Sentences. Without spaces.After the dot,or the comma;or the colon:see?",
        "ALL CAPS TEXT WITH NUMBERS 123 AND SYMBOLS #$%", "MixedCase camelCase PascalCase snake_case SCREAMING_SNAKE kebab-case dot.case",
        "iPhone, eBay, McDonald's, LaTeX, GitHub, YouTube, JavaScript, NaN, pH, kWh, mRNA, COVID-19",
        "supercalifragilisticexpialidocious pneumonoultramicroscopicsilicovolcanoconiosis", "aaaaaaa bbbbbbb abababab cacacaca the the the the",
        "(parentheses) [brackets] {braces} <angles> \u00abguillemets\u00bb \u201equotes\u201c \u2018single\u2019", "1,2;3:4.5!6?7/8\\9|0~`@#^&*_-+=",
        "``double'' ''quoted`` \"plain\" 'single' `back`", "no  double   spaces    here     please", "ends with space ", " begins with space", "  both  ",
        "New York lead trail cafe\u0301 CAF\u00c9 \u00e9t\u00e9 Gro\u00df \u00c5 abc abcd bcd", "The the THE tHe \u1e6ahe"]


@kind
def code():
    return [
        "def f(x):\n    return x ** 2\n", "\tif (a && b || !c) {\n\t\treturn a->b[c++] << 2;\n\t}", "x=1;y=2;z=x+y", "a!=b a==b a===b a<=b a>=b a=>b a<-b a->b a::b a:=b",
        "https://user:pw@host.example.com:8080/p/a/t/h;params?query=string&x=%20y#fragment", "C:\\Users\\name\\Documents\\file.txt /usr/local/bin/python3.11",
        "<!-- comment --><a href='x'>link</a>&nbsp;&#x27;", "SELECT COUNT(*) FROM `t` WHERE x LIKE '%a_b%';", "const f = async ({a, ...b}) => await Promise.all([a, b]);",
        "0x1F 0b101 1e-10 1_000_000 .5 5. 1.5e+300 -7 +3 1/2 100%", "#!/bin/sh\nset -eu\necho \"$HOME/${x:-default}\" | sed 's/a/b/g' > /dev/null 2>&1\n",
        "{\"k\": [1, 2.0, null, true, \"\\u00e9\\n\"]}", "\\begin{equation} E = mc^2 \\label{eq:1} \\end{equation}", "fn main() { let mut v: Vec<&'static str> = vec![]; }",
        "    indented four\n        indented eight\n\t\ttabbed\n", "a\r\nb\r\n\r\nc\rd\n\ne", "i=0;while(i<10){i+=1}//done", "@decorator\nclass A(B, metaclass=C): pass",
        "uuid 550e8400-e29b-41d4-a716-446655440000 md5 d41d8cd98f00b204e9800998ecf8427e", "base64 SGVsbG8sIFdvcmxkIQ== ipv6 2001:0db8::ff00:42:8329"]


@kind
def numbers():
    return ["0", "7", "42", "123", "1234", "12345", "123456", "1234567", "12345678", "123456789", "1234567890", "3.14159265358979", "1,000,000.00",
            "007", "00000", "1st2nd3rd", "a1b2c3", "1a2b3c", "12ab34cd", "\u0661\u0662\u0663\u0664", "\u096b\u096c\u096d", "\u0e51\u0e52\u0e53", "\uff11\uff12\uff13\uff14", "\u2460\u2461\u2462\u2463",
            "\u2160\u2161\u2162\u2163", "x\u00b2 y\u00b3 z\u2074", "\u00bd\u00bc\u00be \u2153", "\u4e00\u4e8c\u4e09\u5341\u767e\u5343", "\u3007\u3021\u3022", "1\u20442", "-1 \u22122 \u20133 \u20144", "$5 \u20ac6 \u00a37 \u00a58 5\u20ac", "+49 (0) 30 901820", "192.168.0.1",
            "2026-11-23", "23.11.2026", "11:59:59", "1\u00a0000", "1\u202f000", "1 000", "1'000", "5\u00d77=35", "\U0001d7cf\U0001d7d0\U0001d7d1", "\u2466th \u2488", "\u1369\u136a", "\U00010107\U00010108"]


@kind
def accents():
    """Precomposed, decomposed, in other order, on letters that have none, and the folds that matter."""
    words = ["caf\u00e9", "na\u00efve", "\u00c5ngstr\u00f6m", "Vi\u1ec7t Nam", "ti\u1ebfng Vi\u1ec7t", "\u0130stanbul", "I\u0131\u0130i", "Stra\u00dfe STRASSE \u1e9e", "\u0152uvre \u00c6on", "\u0141\u00f3d\u017a", "\u010ce\u0161tina", "\u011e\u011f\u015e\u015f",
             "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2 \u03a3\u03a3", "\u1f08\u03b8\u1fc6\u03bd\u03b1\u03b9 \u1f61\u0313", "\u1fbc \u1f88 \u1ff3", "\u01c4\u01c5\u01c6 \u01c7\u01c8\u01c9", "\ufb01\ufb02\ufb00\ufb03 \ufb05\ufb06", "\u017fs \u212a \u212b \u2126", "\u1e9b\u0323", "d\u0323\u0307 d\u0307\u0323",
             "q\u0307\u0323", "\u0344\u0344", "\u00e9\u0301\u0301", "a\u0300\u0301\u0302\u0303\u0304\u0305", "\u0301leading mark", "x\u0338= \u2260", "\u1100\u1161\u11a8 \uac01", "\uac00\u11a8", "\u1112\u1161\u11ab\u1100\u1173\u11af", "\u0958 \u0915\u093c", "\u0f73\u0f75",
             "\U0001d15e \U0001d1bb", "\u2adc \u2add\u0338", "\u0390 \u03ca\u0301", "\u1e69 s\u0323\u0307 s\u0307\u0323", "z\u0335\u0327\u0324\u0301", "\u00c0\u00c1\u00c2\u00c3\u00c4\u00c5\u00c6\u00c7", "\u00ff\u0178", "\u0149 \u01f0 \u1e96 \u1e97",
             "\u00b5 \u03bc \u039c", "\u2113 \u2115 \u211d \u210c", "\u00aa \u00ba \u00b9", "\u2075\u2076 \u2080\u2081", "\u33a1 \u33c6 \u3392", "\u3131 \u3132", "\ufe8d\ufedf", "\ufdfa \ufdfb", "\u321d \u3250", "\uff71\uff9e \u30a2\u3099", "\u304b\u3099\u304d\u3099",
             "\uff21\uff42\uff43\uff01", "\u2025\u2026\u22ef", "\u2100 \u2121 \u2122", "\u01c0 \u0294 \u0259 \u0283\u02d0", "\ua64a \ua78d \uab70", "\U00010400\U00010428", "\u10a0\u2d00 \u1c90\u10d0", "\u13a0\uab70 \u13f8", "\u1e9e\u00df"]
    return words


@kind
def chinese_japanese_korean():
    return ["\u4e2d\u6587", "\u4e2d\u6587text\u6df7\u6392123\u6570\u5b57", "\u6211\u7231\u5317\u4eac\u5929\u5b89\u95e8\u3002", "\u300c\u5f15\u53f7\u300d\u300e\u53cc\u5f15\u53f7\u300f\u3010\u62ec\u53f7\u3011\u300a\u4e66\u540d\u300b", "\u5168\u89d2\uff0c\u6807\u70b9\uff01\uff1f\uff1b\uff1a\u3000\u7a7a\u683c", "\u9f98\u9750\u9f49\u9f96", "\U00020000\U0002a6d6\U0002b740", "\U0002b820\U0002b91f\U0002b920", "\U0002ceb0\U0002ebe0\U00030000\U00031350",
            "\u3400\u4dbf\u4dc0\u9fff\ua000", "\uf900\ufa6d\ufaff\U0002f800\U0002fa1d", "\u2e80\u2f00\u2ff0\u3005\u3006\u3007\u3021\u30fb", "\u3042\u3044\u3046\u3048\u304a", "\u30a2\u30a4\u30a6\u30a8\u30aa\u30fc\u30fd\u309d\u309e", "\uff8a\uff9d\uff76\uff78\uff76\uff85\uff8a\uff9f\uff8b\uff9e", "\u65e5\u672c\u8a9e\u306f\u6f22\u5b57\u304b\u306a\u4ea4\u3058\u308a\u6587\u3067\u3059\u3002", "\u30d1\u30ec\u30b9 \u30cf\u309a\u30ec\u30b9",
            "\ud55c\uad6d\uc5b4 \ud0a4\ubcf4\ub4dc", "\u1112\u1161\u11ab\u1100\u116e\u11a8", "\u314b\u314b\u314b \u314e\u314e", "\uac00\ub098\ub2e4\ub77c \u3260\u3270 \ua960\ud7b0", "\ub611\ub611\ud55c", "\u6f22\u5b57\ud55c\uae00\u304b\u306a\u6df7\u5728mixed", "\u31c0\u31f0\u31ff \U0001b000", "\u3105\u3106\u3107", "\ua015\ua489", "\u8fd9\u662fA\u7c7b\uff0c\u90a3\u662fB\u7c7b\u3002C++\u8bed\u8a00", "\u3231\u337f\u33e0", "\u4f60\u597d\uff0c\u4e16\u754c\uff01Hello, world! \u3053\u3093\u306b\u3061\u306f"]


@kind
def south_and_east_asian():
    return ["\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e04\u0e23\u0e31\u0e1a", "\u0e19\u0e49\u0e33 \u0e19\u0e4d\u0e49\u0e32", "\u0e01\u0e33\u0e25\u0e31\u0e07\u0e43\u0e08 \u0e25\u0e33", "\u0e40\u0e41\u0e42\u0e43\u0e44\u0e46\u0e2f", "\u0e50\u0e51\u0e52 \u0e3f100", "\u0ea5\u0eb2\u0ea7 \u0eb3", "\u1780\u17d2\u1798\u17c2\u179a", "\u1019\u103c\u1014\u103a\u1019\u102c", "\u0928\u092e\u0938\u094d\u0924\u0947", "\u0915\u094d\u0937\u0924\u094d\u0930\u093f\u092f", "\u0939\u093f\u0928\u094d\u0926\u0940 \u092e\u0947\u0902 \u0969 \u0936\u092c\u094d\u0926\u0964",
            "\u0995\u09cd\u09b7 \u09a4\u09cd\u09af\u09be\u0997", "\u0ba8\u0bbf \u0ba4\u0bae\u0bbf\u0bb4\u0bcd", "\u0c24\u0c46\u0c32\u0c41\u0c17\u0c41 \u0c95\u0ca8\u0ccd\u0ca8\u0ca1", "\u0d2e\u0d32\u0d2f\u0d3e\u0d33\u0d02 \u0d4d\u200d", "\u0a97\u0ac1\u0a9c\u0ab0\u0abe\u0aa4\u0ac0 \u0a2a\u0a70\u0a1c\u0a3e\u0a2c\u0a40", "\u0dc3\u0dd2\u0d82\u0dc4\u0dbd \u0dc1\u0dca\u200d\u0dbb\u0dd3", "\u0f56\u0f7c\u0f51\u0f0b\u0f61\u0f72\u0f42", "\u1826\u1833\u1834\u1821 \u180b\u180e", "\u0915\u094d\u200d\u0937 \u0915\u094d\u200c\u0937", "\u1b05\u1b44\u1b13 \ua98f\ua9c0"]


@kind
def right_to_left():
    return ["\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645", "\u0645\u064e\u0631\u0652\u062d\u064e\u0628\u064b\u0627", "\u0627\u0644\u0633\u0644\u0627\u0645\u064f \u0639\u0644\u064a\u0643\u0645\u061f \u061b \u060c", "\u06a9\u062a\u0627\u0628\u200c\u0647\u0627\u06cc \u0645\u0646", "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd", "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd", "\u05d0\u05d1\u05f3\u05d2 \u05f4\u05d3\u05f4 \u05be", "\u202bRTL\u202c \u200flabel\u200e \u2067x\u2069", "\u0623\u0625\u0622\u0621\u0626\u0624 \u0627\u0654", "\u0640\u0640\u0640\u062a\u0640\u0637\u0648\u064a\u0644\u0640", "\ufefb \ufef7 \ufefd",
            "\u0710\u0712\u0713 \u0780\u0781", "\u06f1\u06f2\u06f3 \u0661\u066b\u0665", "\u0621\u0654\u0655 \u0670\u0653", "mixed \u0639\u0631\u0628\u064a and \u05e2\u05d1\u05e8\u05d9\u05ea text (\u0661\u0662\u0663)", "\u0600\u0661 \u06dd\u0662 \u08e2", "\U0001e900\U0001e922 \U00010900"]


@kind
def emoji():
    return ["\U0001f600", "\U0001f600\U0001f602\U0001f923", "I \u2764\ufe0f NY", "\u2764 \u2764\ufe0e \u2764\ufe0f", "\U0001f44d\U0001f3fb \U0001f44d\U0001f3ff", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f469\u200d\U0001f4bb codes", "\U0001f3f3\ufe0f\u200d\U0001f308", "\U0001f3f4\u200d\u2620\ufe0f", "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7\U0001f1fa", "1\ufe0f\u20e3 #\ufe0f\u20e3 *\u20e3",
            "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "\u2600\u2601\u2602\u2603 \u26a1", "\U0001f9d1\U0001f3fd\u200d\U0001f91d\u200d\U0001f9d1\U0001f3ff", "\u00a9\u00ae\u2122\u203c\u2049", "great\U0001f44fjob\U0001f44f", "\u200d\u200d", "\U0001f600\u0301", "a\u200db \u200dc", "\U0001fae8\U0001fabf\U0001faf8 \U0001fa89", "\u231a\u231b\u23e9", ":-) ;-) :D <3 \u00af\\_(\u30c4)_/\u00af", "\U0001f170\U0001f171 \U0001f250"]


@kind
def marks_and_joiners():
    return ["Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032f\u031e\u0320\u034dA\u036b\u0357\u0334\u0362", "\u0301\u0302\u0303", "a\u20dd b\u20e3", "\u0483\u0484 \ua66f", "\u302a\u302b \u3099\u309a", "\u1ab0 \u1ac1 \u1dc0 \u20d0 \ufe20", "x\u0360y x\u035cy", "\u0c4d\u0ccd\u0d4d", "\u0903 \u093e \u0940", "\u034f\u034f", "\u115f\u1160\u3164\uffa0", "\u17b4\u17b5", "\u180b\u180c\u180d\u180e\u180f", "\ufe00\ufe0f\U000e0100", "\u200b\u200c\u200d\u200e\u200f", "\u2060\u2061\u2062\u2063\u2064 \ufeff", "soft\u00adhyphen non\u2011breaking", "\u061c \u2066 \u206f", "\U0001d165\U0001d16d\U0001d172", "\u0f71\u0f72\u0f74 \u0f71\u0f80", "\U00011303\U0001133e \U000114b9\U000114ba"]


@kind
def control_characters():
    some = ["\x00", "a\x00b", "\x01\x02\x03", "\x07\x08\x0b\x0c", "\x1b[31mred\x1b[0m", "\x1c\x1d\x1e\x1f", "a\x7fb", "\x80\x85\x9f", "\u2028\u2029", "\ufffd", "a\ufffdb", "\ufffe\uffff", "\ufdd0 \U0001fffe", "\ue000\uf8ff", "\U000f0000 \U0010fffd \U0010ffff", "\u0378 \u05ff \U000e0fff", "\ud7ff\ue000", "\U000e0001\U000e0020", "\ufff9\ufffa\ufffb\ufffc", "\u00ad\u0600\u070f", "\x00\x00the\x00end", "\u0085next line", "\u2065 \u206a", "\U0001bca0 \U0001d173 \U00013430"]
    return some + ["".join(map(chr, range(0, 32))), "".join(map(chr, range(127, 161)))]


@kind
def whitespace_runs():
    some = ["", " ", "  ", "   ", "    ", "\t", "\n", "\r\n", "\n\n", "\n\n\n", " \n ", "\t\t\t", "\u00a0", "\u3000", "\u2003\u2002", "\u1680\u180e", "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a", "\u202f\u205f\u3000", "\v\f"]
    joins = [f"a{s}b" for s in some if s] + [f"{s}a" for s in some if s] + [f"a{s}" for s in some if s]
    more = ["a  b   c    d     e", "x \n y", "x\n y", "x \ny", "x\n\n\ny", " \n\n x", "word \t\n tail  ", "\u00a0 \u00a0x", "a \u3000 b", "1  2", "!  ?", "  .", ".  ", " '", "  's", "\n's", "a\u00a0\u00a0b", "tab\tsep\tvalues", "\r\r\n\n", "a" + " " * 40 + "b", "\n" * 20 + "x", " " * 33, "\t \t \t", "a\u2009b\u200ac", "x\u2028y\u2029z"]
    return some + joins + more


@kind
def special_tokens_as_text():
    names = ["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "<s>", "</s>", "<pad>", "<unk>", "<mask>", "<|endoftext|>", "<|im_start|>", "<|startoftext|>", "<|begin_of_text|>", "<bos>", "<eos>", "<extra_id_0>", "<sep>", "<cls>", "<eop>",
             "<think>", "<start_of_turn>", "[INST]", "eng_Latn", "en_XX", "[unused1]", "|||EMAIL_ADDRESS|||", "<\uff5cbegin\u2581of\u2581sentence\uff5c>", "<0x41>", "<0xE9>", "\u2581", "\u2581the", "##ing", "the</w>", "\u0120the", "\u2581\u2581"]
    some = [f"{t}" for t in names] + [f"a {t} b" for t in names[:22]] + [f"a{t}b" for t in names[:22]] + [f"{t}{t} {t}" for t in names[:12]]
    some += ["Paris is the [MASK] of France.", "Paris is the <mask> of France.", "Paris is the<mask>of France", "  <mask>  ", "<mask>\n<mask>", "[cls] [Sep] [mask]", "[ CLS ]", "[CLS", "CLS]", "<s", "s>", "<<s>>", "[[MASK]]", "<MASK>", "<|im_start|>user\nHi!<|im_end|>\n<|im_start|>assistant\n", "<s>[INST] Hi [/INST] Ho </s>", "\u00e9<s>\u00e9", "\u4e2d[MASK]\u6587", "\uff3bMASK\uff3d", "[MA\u0301SK]", "<|endoftext|><|endoftext|>", "text<|endoftext|>text <|endoftext|> text", "<extra_id_0> x <extra_id_1>y<extra_id_2> ", "<fim_prefix>a<fim_suffix>b<fim_middle>", ">>TITLE<<abc"]
    some += [f"x [Added{i:02}] y" for i in range(16)] + [f"x[Added{i:02}]y" for i in range(16)] + [f"a word{i:x} b" for i in range(16)] + [f"aword{i:x}b" for i in range(0, 16, 3)]
    return some + ["[Added00] [Added01]\t[Added02]\n[Added03]  [added08]  [ADDED09]", "  [Added05]  ", "([Added04])", "_[Added06]_ -[Added07]-", "[Added12][Added13][Added14][Added15]", "word0 word1  word2,word3.word4", "\u00e9word6\u00e9 \u4e2dword7\u6587", "WORD8 Word9 wordA wordb"]


@kind
def invalid_utf8():
    return [b"\xff", b"\xfe\xff", b"abc\x80def", b"\xc3", b"\xc3(", b"caf\xe9", b"\xe2\x82", b"\xe2\x82x", b"\xe2(\xa1", b"\xf0\x9f\x98", b"\xf0\x9f", b"\xf0", b"\xf0\x9f\x98\x80\xf0\x9f\x98", b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80", b"\xf0\x80\x80\x80",
            b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\x80\x80\x80", b"a\xc3 b\xe2\x82 c", b"[CLS]\xff[SEP]", b"\xe4\xb8\xad\xe6\x96", b"\xe4\xb8\xad\xe6\x96\xe6\x96\x87", b"\xef\xbf\xbd\xff", b"\xef\xbb\xbfBOM", b"\xc3\xa9\xa9", b"x\x00\xffy", b"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41"]


@kind
def long_words():
    rng = random.Random(11)
    letters = lambda n, pool: "".join(rng.choice(pool) for _ in range(n))
    return ["a" * 99, "a" * 100, "a" * 101, "\u00e9" * 100, "\u00e9" * 101, "\u4e2d" * 50, "\U0001f600" * 30, "ab" * 60, "internationalization" * 12, letters(100, "abcdefghijklmnopqrstuvwxyz"), letters(101, "abcdefghijklmnopqrstuvwxyz"), letters(400, "aeiourstln"), letters(150, "\u0430\u0431\u0432\u0433\u0434\u0435\u0436\u0437"), "x" * 1500, "the" * 300, "-" * 120, "!?" * 40, "1" * 130, "=" * 64, "_" * 33, "\u0301" * 40, "a" + "\u0301" * 40, "A" * 50 + "\u00df" * 51]


@kind
def random_mixes():
    """Characters of every kind, close together."""
    rng = random.Random(5)
    pools = ["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJ", "0123456789", " \t\n\u00a0\u3000\u2009", ".,;:!?'\"()[]<>-_/\\@#$%", "\u00e9\u00df\u0130\u0131\u00c5\u017f\u1e9e\ufb01", "\u0301\u0302\u0323\u093c\u3099\u200d\ufe0f", "\u4e2d\u6587\u3042\u30a2\ud55c", "\u0627\u0644\u0639\u05d0\u05d1", "\u0e01\u0e33\u0915\u094d\u0937", "\U0001f600\U0001f469\U0001f3fd\U0001f1e9", "\x00\x07\u200b\ufeff\ufffd\u0085", "\u2581\u0120\u2153\u2460\u33c6"]
    made = []
    for _ in range(60):
        chosen = rng.sample(pools, rng.randint(2, 5))
        made.append("".join(rng.choice(rng.choice(chosen)) for _ in range(rng.randint(3, 30))))
    return made


def build():
    rows, seen = [], set()
    for name, texts in KINDS.items():
        for text in texts():
            row = {"kind": name}
            if isinstance(text, bytes):
                row["bytes"] = base64.b64encode(text).decode()
                text = text.decode("utf-8", errors="replace")
            if (text, row.get("bytes")) in seen:
                continue
            seen.add((text, row.get("bytes")))
            rows.append(row | {"text": text})
    return rows


def main():
    rows = build()
    lines = ",\n".join(json.dumps(row) for row in rows)
    (HERE / "corpus.json").write_text(f"[\n{lines}\n]\n")
    print(len(rows), "texts")


if __name__ == "__main__":
    main()
