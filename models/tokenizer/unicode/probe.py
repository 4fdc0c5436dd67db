"""What the Python library `tokenizers` does with every code point, found out by asking it.

Nothing here reads Unicode data files: the library mixes several versions of Unicode (its crates and the Oniguruma
regex engine each bring their own), so only its behaviour is the truth. unicodedata serves to name combining classes.
"""

import functools
import struct
import unicodedata

from tokenizers import Regex, normalizers, pre_tokenizers

ALL = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
# Where every difference lies: the rest is unassigned or private. For a check that takes seconds, not a minute.
NEAR = [c for c in ALL if c < 0x32400 or 0xDFFF0 <= c < 0xE1000 or 0xEFFF0 <= c < 0xF0010 or c >= 0x10FFF0]
TEXT = "".join(map(chr, ALL))


def reach_near():
    """Make every probe ask for NEAR only."""
    global TEXT
    ALL[:] = NEAR
    TEXT = "".join(map(chr, ALL))


CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co Cn".split()


def regex_set(pattern):
    """The code points that \\p{L} or the like matches in Oniguruma (Split and Replace) inside brackets."""
    kept = normalizers.Replace(Regex(f"[^{pattern}]+"), "").normalize_str(TEXT)
    return set(map(ord, kept))


def unbracketed_set(pattern):
    """The same outside of brackets, where \\w has another table for U+0080 to U+00FF."""
    return set(ALL).difference(map(ord, normalizers.Replace(Regex(f"(?:{pattern})+"), "").normalize_str(TEXT)))


def each(normalizer, separator="\n"):
    """code point -> what the normalizer makes of it, alone between separators that it leaves as they are."""
    points = [c for c in ALL if chr(c) != separator]
    got = normalizer.normalize_str(separator.join(map(chr, points))).split(separator)
    return dict(zip(points, got, strict=True)) | {ord(separator): normalizer.normalize_str(separator)}


def runs_set(pre_tokenizer, example):
    """The code points in those runs of TEXT that have the kind of the example: for Contiguous splits."""
    split = lambda s: len(pre_tokenizer.pre_tokenize_str(s)) > 1
    found = set()
    for text, _ in pre_tokenizer.pre_tokenize_str(TEXT):
        if not split(text[0] + example):
            found.update(map(ord, text))
    return found


def pieces(pre_tokenizer, text):
    return [piece for piece, _ in pre_tokenizer.pre_tokenize_str(text)]


def whitespace_sets():
    """Rust's char::is_whitespace, and \\w and \\s of the regex crate."""
    std = set(ALL).difference(map(ord, "".join(pieces(pre_tokenizers.WhitespaceSplit(), TEXT))))
    word, other = set(), set()
    for piece in pieces(pre_tokenizers.Whitespace(), TEXT):
        (other if len(pieces(pre_tokenizers.Whitespace(), "a" + piece[0])) > 1 else word).update(map(ord, piece))
    return std, word, set(ALL) - word - other


def clean_text_sets():
    """What BertNormalizer's clean_text removes."""
    clean = normalizers.BertNormalizer(True, False, False, False)
    return {c for c, s in each(clean, "x").items() if s == ""}


def removed(normalizer, separator="\n"):
    return {c for c, s in each(normalizer, separator).items() if s == ""}


def bert_strip_accents():
    """unicode_categories' Mn: a code point that decomposes is judged by its parts, so only others can be asked."""
    strip = normalizers.BertNormalizer(False, False, True, False)
    return removed(strip)


def bert_cjk():
    pad = normalizers.BertNormalizer(False, True, False, False)
    return {c for c, s in each(pad).items() if s == f" {chr(c)} "}


def general_categories():
    """Oniguruma's general category of every code point, as an index into CATEGORIES."""
    found = {}
    for index, name in enumerate(CATEGORIES):
        for c in regex_set(rf"\p{{{name}}}"):
            assert c not in found, (name, c)
            found[c] = index
    assert len(found) == len(ALL)
    return found


def combining_classes():
    """The canonical combining class of every fully decomposed code point.

    Only the order of classes can be seen: class(b) is the least class of a reference mark that b does not sort
    after, and b sorts nothing if it is 0. unicodedata supplies the references, one for each class.
    """
    nfd = normalizers.NFD()
    single = [c for c, s in each(nfd).items() if s == chr(c)]
    low, high = "\u0334", "\u0345"  # classes 1 and 240, the lowest and the highest there are

    def swaps(before, after):
        texts = [before(c) + after(c) for c in single]
        got = nfd.normalize_str("\n".join("a" + t for t in texts if "\n" not in t)).split("\n")
        wanted = ["a" + t for t in texts if "\n" not in t]
        return {c for c, g, w in zip((c for c in single if c != 10), got, wanted, strict=True) if g != w}

    marks = swaps(chr, lambda c: low) | swaps(lambda c: high, chr) | {ord(low), ord(high)}
    references = {}
    for c in sorted(marks):
        references.setdefault(unicodedata.combining(chr(c)), c)
    classes = {}
    for c in sorted(marks):
        swapped = lambda a, b: nfd.normalize_str("a" + chr(a) + chr(b)) != "a" + chr(a) + chr(b)
        same = [k for k, r in references.items() if not swapped(c, r) and not swapped(r, c)]
        assert len(same) == 1 and same[0] > 0, (hex(c), same)
        classes[c] = same[0]
    return classes


def compositions():
    """(first, second) -> composite, for every pair that NFC composes but Hangul syllables."""
    nfd, nfc = each(normalizers.NFD()), normalizers.NFC()
    pairs = {}
    for c, parts in nfd.items():
        if 0xAC00 <= c < 0xD7A4 or len(parts) < 2 or nfc.normalize_str(chr(c)) != chr(c):
            continue
        first = nfc.normalize_str(parts[:-1])
        assert len(first) == 1 and nfc.normalize_str(first + parts[-1]) == chr(c), hex(c)
        pairs[ord(first), ord(parts[-1])] = c
    # Every composite decomposes, so nothing composes but what was found above: ask for all pairs of its ends, where
    # the second cannot sort in between the parts of the first.
    seconds = sorted({b for _, b in pairs})
    for a in sorted({a for a, _ in pairs if len(nfd[a]) == 1}):
        got = nfc.normalize_str("\n".join(chr(a) + chr(b) for b in seconds)).split("\n")
        for b, g in zip(seconds, got, strict=True):
            want = chr(pairs[a, b]) if (a, b) in pairs else nfc.normalize_str(chr(a)) + chr(b)
            assert g == want, (hex(a), hex(b), g)
    return pairs


def unicode_scripts():
    """Classes of the UnicodeScripts pre-tokenizer: 0 goes with everything, the rest split from each other."""
    pre = pre_tokenizers.UnicodeScripts()
    together = lambda s: len(pieces(pre, s)) == 1

    def anys(points):
        text = "".join(map(chr, points))
        if together("A" + text) and together("\u03b1" + text):
            return set(points)
        if len(points) == 1:
            return set()
        half = len(points) // 2
        return anys(points[:half]) | anys(points[half:])

    free = anys(ALL)
    classes, leaders = dict.fromkeys(free, 0), []
    for piece in pieces(pre, "".join(chr(c) for c in ALL if c not in free)):
        number = next((n for n, leader in enumerate(leaders, 1) if together(leader + piece[0])), None)
        if number is None:
            leaders.append(piece[0])
            number = len(leaders)
        classes.update(dict.fromkeys(map(ord, piece), number))
    return classes


def case_variants():
    """Groups of code points that match each other under (?i) in Oniguruma, one character against one."""
    cased = sorted(regex_set(r"\p{Changes_When_Casemapped}") | regex_set(r"\p{Changes_When_Casefolded}"))
    text = "".join(map(chr, cased))
    groups, seen = [], set()
    for c in cased:
        if c in seen:
            continue
        same = normalizers.Replace(Regex(f"(?!(?i:\\x{{{c:x}}}))(?m:.)"), "").normalize_str(text)
        seen.update(map(ord, same))
        if len(same) > 1:
            groups.append(same)
    return groups


GRAPHEME = (
    "Other CR LF Control Extend ConjunctExtend Linker ZWJ RegionalIndicator Prepend SpacingMark "
    "L V T LV LVT Pictographic Consonant"
).split()


@functools.cache
def grapheme_counter():
    """A normalizer that shows graphemes: it writes one '1' for a grapheme under six bytes, and one '1' for each
    character of a longer one. It is Precompiled with a charsmap that has a rule for every byte but newline.

    A longest-prefix rule on the first byte takes the whole grapheme, which is how the library reads a charsmap.
    """
    # Double array: the root is unit 0 with offset 256, byte b leads to unit 256^b, whose leaf is unit 1024+b.
    units = [0] * 2048
    units[0] = 256 << 10
    for b in (b for b in range(1, 256) if b != 10):
        units[256 ^ b] = (((1024 + b) ^ 256 ^ b) << 10) | 1 << 8 | b
        units[1024 + b] = 1 << 31  # value 0: the replacement at the start of the blob
    blob = struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + b"1\0"
    return normalizers.Precompiled(blob)


def grapheme_classes():
    """Grapheme_Cluster_Break, Extended_Pictographic and Indic_Conjunct_Break of every code point, as far as they can
    be seen at all: a break is seen only where one of the two sides is a grapheme under six bytes.
    """
    show = grapheme_counter()
    mark, mark2 = "\u0301", "\u0302"

    def counts(make):
        points = [c for c in ALL if c not in (10, 13)]  # CR LF are one grapheme
        got = show.normalize_str("\n".join(make(chr(c)) for c in points)).split("\n")
        return dict(zip(points, map(len, got), strict=True))

    def where(make, n):
        return {c for c, k in counts(make).items() if k == n}

    after = where(lambda c: "a" + c, 1)  # Extend, SpacingMark or ZWJ
    prepend = where(lambda c: c + "a", 1)
    # After a Control the two marks stand alone, in one short grapheme.
    control = where(lambda c: c + mark + mark2, 2) - {10, 13}
    pictographic = where(lambda c: c + "\u200d\u231a" + mark, 4)
    # Only Extend may stand between a pictograph and ZWJ, else the last two are one grapheme.
    extend = where(lambda c: "\u231a" + c + "\u200d\u231a" + mark, 5) - pictographic
    # Hangul by what it joins before a syllable or vowel or final that has one mark.
    before_lv = where(lambda c: c + "\uac00" + mark, 3) - prepend  # L
    before_v = where(lambda c: c + "\u1161" + mark, 3) - prepend  # L, V, LV
    before_t = where(lambda c: c + "\u11a8" + mark, 3) - prepend  # V, T, LV, LVT
    syllables = set(range(0xAC00, 0xD7A4))
    linker = where(lambda c: "\u0915" + c + "\u0915" + mark, 4) - prepend
    consonant = where(lambda c: c + "\u094d\u0915" + mark, 4)
    conjunct = where(lambda c: "\u0915\u094d" + c + "\u0915" + mark, 5) - prepend
    sets = {
        "CR": {13},
        "LF": {10},
        "Control": control,
        "Linker": linker,
        "ZWJ": {0x200D},
        "Extend": extend - conjunct - {0x200D},
        "ConjunctExtend": (extend & conjunct) - linker,
        "RegionalIndicator": set(range(0x1F1E6, 0x1F200)),  # eight bytes a pair: cannot be seen, and does not matter
        "Prepend": prepend,
        "SpacingMark": after - extend - {0x200D},
        "L": before_lv,
        "V": before_v - before_lv - syllables,
        "T": before_t - before_v - syllables,
        "LV": before_v & syllables,
        "LVT": syllables - before_v,
        "Pictographic": pictographic,
        "Consonant": consonant,
    }
    assert extend <= after | {0x200D} and linker <= extend and conjunct - {0x200D} <= extend
    found = dict.fromkeys(ALL, 0)
    for name, members in sets.items():
        for c in members:
            assert found[c] == 0, (hex(c), name, GRAPHEME[found[c]])
            found[c] = GRAPHEME.index(name)
    return found
