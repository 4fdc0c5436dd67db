"""The Python library behind a pipe: one JSON request a line on stdin, one JSON answer a line on stdout.

    {"load": path}                               the tokenizer to ask, a tokenizer.json or one gzipped
    {"texts": [[text, pair or null], ...], "special": bool}        -> {"digests": [...]}
    {"show": [text, pair or null], "special": bool}                -> the whole encoding
"""

import json
import sys

from digest import attempt, load


def answer(tok, request):
    special = request.get("special", True)
    if "texts" in request:
        return {"digests": [attempt(tok.encode, a, b, add_special_tokens=special) for a, b in request["texts"]]}
    try:
        e = tok.encode(*request["show"], add_special_tokens=special)
    except BaseException as error:
        return {"error": str(error)}
    return {"ids": e.ids, "tokens": e.tokens, "offsets": e.offsets, "type_ids": e.type_ids, "special": e.special_tokens_mask}


def main():
    tok = None
    for line in sys.stdin:
        request = json.loads(line)
        if "load" in request:
            tok = load(request["load"])
            tok.no_truncation()
            tok.no_padding()
            made = {"vocabulary": tok.get_vocab_size()}
        else:
            made = answer(tok, request)
        print(json.dumps(made), flush=True)


if __name__ == "__main__":
    main()
