"""SentencePiece's precompiled character map, small.

The double array that tokenizer.json carries as precompiled_charsmap.

The rules of nmt_nfkc (300 KB) are for every script; these are the ones of Latin, full-width and white space, made
from Python's own NFKC. Layout: length of the trie in bytes (uint32), the trie (uint32 units of darts-clone), then the
replacement texts, each ended by a zero byte.
"""

import base64
import struct
import unicodedata

SPACES = "\t\n\r\u00a0\u2000\u2001\u2002\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff\u200b\u200e\u200f"
CONTROLS = [*range(0x01, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, 0x8F, 0x9F]


def rules() -> dict[str, str]:
    """What is replaced, and by what."""
    out = {c: " " for c in SPACES}
    out.update({chr(c): "" for c in CONTROLS})
    compat = [
        *range(0xA0, 0x180),
        *range(0x2100, 0x2150),
        *range(0x2460, 0x2474),
        *range(0xFB00, 0xFB07),
        *range(0xFF01, 0xFF5F),
    ]
    for c in map(chr, compat):
        if c not in out and unicodedata.normalize("NFKC", c) != c:
            out[c] = unicodedata.normalize("NFKC", c)
    for c in map(chr, range(0xC0, 0x180)):  # letter and combining mark become one character
        apart = unicodedata.normalize("NFD", c)
        if len(apart) == 2:
            out[apart] = c
    return out


def double_array(keys: dict[bytes, int]) -> list[int]:
    """The units of a darts-clone double array for keys (none of which holds a zero byte) and their values."""
    root: dict = {}
    for key, value in keys.items():
        node = root
        for byte in key:
            node = node.setdefault(byte, {})
        node[0] = value  # the leaf hangs on the label zero
    units, used = {0: 0}, {0}

    def place(node: dict, at: int) -> None:
        labels = sorted(node)
        base = at ^ 1
        while any((base ^ x) in used for x in labels) or not encodable(base ^ at):
            base += 1
        used.update(base ^ x for x in labels)
        units[at] = units[at] | encode_offset(base ^ at) | (256 if 0 in node else 0)
        for label in labels:
            child = base ^ label
            if label == 0:
                units[child] = node[0] | 1 << 31
            else:
                units[child] = label
                place(node[label], child)

    place(root, 0)
    size = (max(units) | 0xFF) + 1
    return [units.get(i, 0) for i in range(size)]


def encodable(offset: int) -> bool:
    return offset < 1 << 21 or (offset < 1 << 29 and offset & 0xFF == 0)


def encode_offset(offset: int) -> int:
    return offset << 10 if offset < 1 << 21 else offset << 2 | 1 << 9


def precompiled() -> bytes:
    pool, keys = b"", {}
    for source, target in sorted(rules().items()):
        keys[source.encode()] = len(pool)
        pool += target.encode() + b"\0"
    units = double_array(keys)
    return struct.pack("<I", 4 * len(units)) + struct.pack(f"<{len(units)}I", *units) + pool


def as_json() -> dict:
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(precompiled()).decode()}
