"""The Python library at the other end of a pipe: one JSON request a line on stdin, one JSON answer a line on stdout.

    {"load": path}                               the tokenizer to ask, a tokenizer.json or one gzipped
    {"parse": text}                              the same from the text of a tokenizer.json; {"error": ...} if it fails
    {"texts": [[text, pair or null], ...], "special": bool, "truncation": null or {...}}  -> {"digests": [...]}
    {"show": [text, pair or null], "special": bool, "truncation": null or {...}}          -> the whole encoding

truncation has max_length, strategy and direction, as enable_truncation takes them.
"""

import json
import sys

from tokenizers import Tokenizer

from digest import attempt, load


def answer(tok, request):
    special = request.get("special", True)
    if request.get("truncation"):
        tok.enable_truncation(**request["truncation"])
    else:
        tok.no_truncation()
    if "texts" in request:
        return {"digests": [attempt(tok.encode, a, b, add_special_tokens=special) for a, b in request["texts"]]}
    try:
        e = tok.encode(*request["show"], add_special_tokens=special)
    except BaseException as error:
        return {"error": str(error)}
    return {
        "ids": e.ids,
        "tokens": e.tokens,
        "offsets": e.offsets,
        "type_ids": e.type_ids,
        "special": e.special_tokens_mask,
    }


def main():
    tok = None
    for line in sys.stdin:
        request = json.loads(line)
        if "load" in request or "parse" in request:
            try:
                tok = load(request["load"]) if "load" in request else Tokenizer.from_str(request["parse"])
                tok.no_truncation()
                tok.no_padding()
                made = {"vocabulary": tok.get_vocab_size()}
            except BaseException as error:  # a panic in Rust is no Exception
                made = {"error": str(error)}
        else:
            made = answer(tok, request)
        print(json.dumps(made), flush=True)


if __name__ == "__main__":
    main()
