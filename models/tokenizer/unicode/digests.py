"""Digests of what the library does with every code point; the Go tests compute the same ones from the Go functions.

python digests.py            digests over every code point (committed as digests.json by generate.py)
python digests.py --near     over the code points where differences lie, in seconds: for a live comparison
"""

import hashlib
import json
import sys

import tokenizers
from tokenizers import normalizers, pre_tokenizers

import probe
import sequences


def sets():
    """Go function -> the code points of which it is true."""
    std_space, regex_word, regex_space = probe.whitespace_sets()
    found = {
        "IsPunct": probe.runs_set(pre_tokenizers.Punctuation("contiguous"), "!"),
        "IsControl": probe.clean_text_sets(),
        "IsMarkNonspacing": probe.bert_strip_accents(),
        "IsCombiningMark": probe.removed(normalizers.StripAccents()),
        "IsWhitespace": std_space,
        "IsNumeric": probe.runs_set(pre_tokenizers.Digits(False), "1"),
        "IsCJK": probe.bert_cjk(),
        "IsRegexWord": regex_word,
        "IsRegexSpace": regex_space,
    }
    classes = {
        "IsLetter": "L",
        "IsMark": "M",
        "IsNumber": "N",
        "IsPunctuation": "P",
        "IsSymbol": "S",
        "IsSeparator": "Z",
        "IsUpper": "Lu",
        "IsLower": "Ll",
        "IsTitle": "Lt",
        "IsModifier": "Lm",
        "IsOtherLetter": "Lo",
    }
    found |= {name: probe.regex_set(rf"\p{{{p}}}") for name, p in classes.items()}
    found |= {
        name: probe.regex_set(p) for name, p in {"IsClassWord": r"\w", "IsSpace": r"\s", "IsDigit": r"\d"}.items()
    }
    assert found["IsSpace"] == probe.unbracketed_set(r"\s") and found["IsDigit"] == probe.unbracketed_set(r"\d")
    return found | {"IsWord": probe.unbracketed_set(r"\w")}


def maps():
    """Go function -> code point -> string."""
    return {name: probe.each(getattr(normalizers, name)()) for name in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase")}


def numbers():
    """Go function -> code point -> small number; an absent code point is 0."""
    return {
        "CombiningClass": probe.combining_classes(),
        "Grapheme": probe.grapheme_classes(),
        "ScriptOf": probe.unicode_scripts(),
    }


def of_set(members):
    return hashlib.sha256(bytes(c in members for c in probe.ALL)).hexdigest()[:32]


def of_map(mapped):
    return hashlib.sha256("".join(mapped[c] + "\n" for c in probe.ALL).encode()).hexdigest()[:32]


def of_numbers(values):
    return hashlib.sha256(bytes(values.get(c, 0) for c in probe.ALL)).hexdigest()[:32]


def digests(found_sets, found_maps, found_numbers):
    out = {name: of_set(members) for name, members in found_sets.items()}
    out |= {name: of_map(mapped) for name, mapped in found_maps.items()}
    out |= {name: of_numbers(values) for name, values in found_numbers.items()}
    return {"version": tokenizers.__version__, "functions": out | sequences.digests()}


if __name__ == "__main__":
    if "--near" in sys.argv:
        probe.reach_near()
    print(json.dumps(digests(sets(), maps(), numbers()), indent=1))
