"""Digests over pseudo-random strings: what depends on neighbours (order of marks, composition, graphemes)."""

import hashlib

from tokenizers import Regex, normalizers

import probe

COUNT = 20000


class Random:
    """xorshift64*, as sequences_test.go has it."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state ^= self.state >> 12
        self.state ^= self.state << 25 & 0xFFFFFFFFFFFFFFFF
        self.state ^= self.state >> 27
        return (self.state * 2685821657736338717 & 0xFFFFFFFFFFFFFFFF) % (1 << 32) % n


# Ranges where normalization and graphemes have something to do; each string draws all its characters from two of them.
RANGES = [
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x1CD, 0x233),
    (0x300, 0x36F),
    (0x370, 0x3FF),
    (0x483, 0x487),
    (0x591, 0x5F4),
    (0x600, 0x6FF),
    (0x900, 0xDFF),
    (0xE00, 0xFFF),
    (0x1000, 0x109F),
    (0x1100, 0x11FF),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x1E00, 0x1FFF),
    (0x2000, 0x20F0),
    (0x2100, 0x214F),
    (0x231A, 0x2328),
    (0x3040, 0x30FF),
    (0x3131, 0x318E),
    (0x3200, 0x33FF),
    (0xA960, 0xA97C),
    (0xAC00, 0xD7FB),
    (0xF900, 0xFAFF),
    (0xFB00, 0xFDFF),
    (0xFE00, 0xFE2F),
    (0xFF00, 0xFFEF),
    (0x11000, 0x114FF),
    (0x1D15E, 0x1D1C0),
    (0x1F1E6, 0x1F1FF),
    (0x1F300, 0x1F6FF),
    (0x16D40, 0x16D79),
    (0x2F800, 0x2FA1D),
    (0x94D, 0x94D),
    (0x200B, 0x200F),
    (0x9, 0xD),
    (0x2600, 0x27BF),
    (0x1ACF, 0x1AEB),
    (0x11A00, 0x11A47),
    (0xA9, 0xAE),
]


def strings(seed):
    random = Random(seed)
    for _ in range(COUNT):
        pools = [RANGES[random.below(len(RANGES))] for _ in range(2)]
        length = 1 + random.below(12)
        points = []
        for _ in range(length):
            low, high = pools[random.below(2)]
            points.append(low + random.below(high - low + 1))
        yield "".join(map(chr, points))


def digests():
    texts = list(strings(1))
    out = {}
    for name in ("NFC", "NFD", "NFKC", "NFKD"):
        normalizer = getattr(normalizers, name)()
        joined = "".join(normalizer.normalize_str(t) + "\0" for t in texts)
        out["sequences " + name] = hashlib.sha256(joined.encode()).hexdigest()[:32]
    show = probe.grapheme_counter()
    joined = "".join(show.normalize_str(t) + "\0" for t in strings(2))
    out["sequences graphemes"] = hashlib.sha256(joined.encode()).hexdigest()[:32]
    show = normalizers.Replace(Regex(r"(?!\n)\X"), "1")
    joined = "".join(show.normalize_str(t) + "\0" for t in strings(2))
    out[r"sequences \X"] = hashlib.sha256(joined.encode()).hexdigest()[:32]
    return out
