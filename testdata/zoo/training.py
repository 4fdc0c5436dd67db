"""Vocabularies from the corpus, the same ones every time.

The trainers of the tokenizers library break ties by the order of a hash map that changes from run to run, so the
training is done here, plainly; the finished vocabulary goes into the library's own models.
"""

from collections import Counter


def merge_pairs(words: Counter, alphabet, vocab_size: int, join) -> tuple[list[str], list[tuple[str, str]]]:
    """Byte-pair encoding: merges the most frequent pair (of equals the first by name) up to vocab_size pieces.

    words counts sequences of pieces (tuples); join makes the name of a merged pair. Returns the pieces that were
    added and the merges.
    """
    have, added, merges = set(alphabet), [], []
    words = dict(words)
    while len(have) < vocab_size:
        pairs = Counter()
        for word, count in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += count
        if not pairs:
            break
        best = min(pairs, key=lambda p: (-pairs[p], p))
        piece = join(*best)
        merges.append(best)
        if piece not in have:
            have.add(piece)
            added.append(piece)
        words = {replaced(word, best, piece): count for word, count in words.items()}
    return added, merges


def replaced(word: tuple, pair: tuple, piece: str) -> tuple:
    out, i = [], 0
    while i < len(word):
        if word[i : i + 2] == pair:
            out.append(piece)
            i += 2
        else:
            out.append(word[i])
            i += 1
    return tuple(out)


def split_words(tokenizer, texts) -> Counter:
    """The words of the texts after the tokenizer's own normalizer and pre-tokenizer."""
    words = Counter()
    for text in texts:
        normal = tokenizer.normalizer.normalize_str(text) if tokenizer.normalizer else text
        pieces = tokenizer.pre_tokenizer.pre_tokenize_str(normal) if tokenizer.pre_tokenizer else [(normal, None)]
        words.update(piece for piece, _ in pieces if piece)
    return words


def unigram(words: Counter, specials, vocab_size: int, longest: int = 8) -> list[tuple[str, float]]:
    """Pieces with scores for a Unigram model: every character, and the substrings that save most.

    Scores are minus a cost that falls with the count, in steps of 1/64, so that they are the same on every machine.
    """
    counts = Counter()
    for word, n in words.items():
        for start in range(len(word)):
            for end in range(start + 1, min(start + longest, len(word)) + 1):
                counts[word[start:end]] += n
    characters = sorted(p for p in counts if len(p) == 1)
    room = vocab_size - len(specials) - len(characters)
    long = sorted((p for p in counts if len(p) > 1), key=lambda p: (-counts[p] * (len(p) - 1), p))[:room]
    order = sorted(characters + long, key=lambda p: (-counts[p] * len(p), p))
    return [(p, 0.0) for p in specials] + [(p, score(counts[p] * len(p))) for p in order]


def score(weight: int) -> float:
    """About -12 + ln(weight), from whole numbers: bits of weight**64, so 1/64 of a doubling a step."""
    return round(-12 + 0.6931 * ((weight**64).bit_length() - 1) / 64, 6)
