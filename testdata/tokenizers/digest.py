"""What an encoding is compared by: everything it holds, as one digest. The Go tests compute the same one."""

import gzip
import hashlib

from tokenizers import Tokenizer


def load(path):
    data = open(path, "rb").read()
    return Tokenizer.from_str((gzip.decompress(data) if path.endswith(".gz") else data).decode("utf-8"))


def canonical(encoding):
    numbers = [
        encoding.ids,
        encoding.type_ids,
        encoding.attention_mask,
        encoding.special_tokens_mask,
        [edge for offsets in encoding.offsets for edge in offsets],
    ]
    return ";".join(",".join(map(str, row)) for row in numbers) + ";" + "\x1f".join(encoding.tokens)


def digest(encoding):
    return hashlib.sha256(canonical(encoding).encode()).hexdigest()[:16]


FAILED = "error".ljust(16, "-")  # the library raised, and so must we return an error


def attempt(function, *args, **options):
    """A digest of the encoding that the function returns, or FAILED."""
    try:
        return digest(function(*args, **options))
    except BaseException as error:  # a panic in Rust is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        return FAILED
