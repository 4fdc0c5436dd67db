"""Truth: what Python's libraries compute for a model, and the checks that it deserves the name."""

import json
import os

import numpy as np
import onnxruntime
import sentence_transformers
import torch
import transformers
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from corpus import TEXTS
from folder import write_text

LIBRARY = f"sentence-transformers {sentence_transformers.__version__} / transformers {transformers.__version__}"
RUNTIME = f"onnxruntime {onnxruntime.__version__}"
ALONE_AND_BATCH = 2e-6  # how far a text's vector alone may be from the one it gets in a batch, relative to its norm


def numbers(array) -> list:
    """An array as nested lists of the shortest decimals that read back as the same float32."""
    a = np.asarray(array, dtype=np.float32)
    if a.ndim == 0:
        return float(str(a))
    return [numbers(x) for x in a]


def write(path: str, value: dict) -> None:
    """One line a key, and one a row, so that a difference can be read."""
    rows = []
    for key, v in value.items():
        if isinstance(v, list) and v and isinstance(v[0], (list, str)):
            body = ",\n".join("  " + json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in v)
            rows.append(f"{json.dumps(key)}: [\n{body}\n ]")
        else:
            rows.append(f"{json.dumps(key)}: {json.dumps(v, ensure_ascii=False)}")
    write_text(path, "{\n " + ",\n ".join(rows) + "\n}\n")


def same(a, b, what: str, tolerance: float = ALONE_AND_BATCH) -> float:
    """The largest difference relative to the norm along a's last axis; more than tolerance is an error."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    assert a.shape == b.shape, f"{what}: shapes {a.shape} and {b.shape}"
    if not a.size:
        return 0.0
    scale = np.maximum(np.linalg.norm(a, axis=-1, keepdims=True), 1.0)
    worst = float((np.abs(a - b) / scale).max())
    assert worst <= tolerance, f"{what}: differ by {worst:.2e}, more than {tolerance:.0e}"
    return worst


def token_ids(model: SentenceTransformer, text: str, prompt: str | None = None) -> list[int]:
    """The ids that encode feeds for one text: with special tokens, truncated, not padded."""
    f = model.preprocess([text], prompt=prompt)
    return [int(i) for i in f["input_ids"].reshape(-1)]


def check_ids(path: str, out: dict, limit: int, prompt: str = "") -> None:
    """The tokenizers library on tokenizer.json alone, cut to the limit, returns the ids that encode() fed."""
    t = Tokenizer.from_file(os.path.join(path, "tokenizer.json"))
    t.no_padding()
    t.enable_truncation(limit)
    for text, ids in zip(out["texts"], out["input_ids"]):
        got = t.encode(prompt + text).ids
        assert got == ids, f"{out['model']}: {text!r}: tokenizer.json gives {got}, sentence-transformers {ids}"


def encode(model: SentenceTransformer, texts, **kw) -> np.ndarray:
    """encode() of each text alone, after checking that a batch of them returns the same."""
    alone = np.stack([model.encode([t], convert_to_numpy=True, **kw)[0] for t in texts])
    assert alone.dtype == np.float32 and np.isfinite(alone).all()
    for size in (len(texts), 5):
        same(alone, model.encode(list(texts), batch_size=size, convert_to_numpy=True, **kw), "alone and in a batch")
    return alone


def load(path: str, **kw) -> SentenceTransformer:
    """The folder as sentence-transformers opens it, in float32 on the CPU whatever the weights' own dtype."""
    return SentenceTransformer(
        path,
        device="cpu",
        local_files_only=True,
        model_kwargs={"dtype": torch.float32, **kw.pop("model_kwargs", {})},
        **kw,
    )


def load_static(path: str) -> SentenceTransformer:
    """A static model's folder; there is no transformer in it to set a dtype on. Half weights are widened first."""
    return SentenceTransformer(path, device="cpu", local_files_only=True).float()


def normalization(vectors: np.ndarray) -> str:
    """l2 where every vector that is not zero has length one."""
    norms = np.linalg.norm(vectors.astype(np.float64), axis=1)
    return "l2" if np.abs(norms[norms > 0] - 1).max() < 1e-5 else "none"


def of_sentence_transformer(
    path: str,
    name: str,
    artifacts: list[str],
    pooling: str,
    dtype: str = "float32",
    texts=TEXTS,
    states=(),
    model: SentenceTransformer | None = None,
) -> dict:
    """The truth of a text model's folder; states are the texts whose token embeddings are kept as well."""
    model = model or load(path)
    vectors = encode(model, texts)
    limit = model.max_seq_length
    out = {
        "model": name,
        "library": LIBRARY,
        "pooling": pooling,
        "normalization": normalization(vectors),
        "dimension": int(vectors.shape[1]),
        "max_sequence_length": None if limit in (None, np.inf) else int(limit),
        "dtype": dtype,
        "artifacts": artifacts,
        "texts": list(texts),
        "input_ids": [token_ids(model, t, model.prompts.get(model.default_prompt_name)) for t in texts],
        "embeddings": numbers(vectors),
    }
    check_ids(path, out, out["max_sequence_length"], model.prompts.get(model.default_prompt_name) or "")
    if states:
        out["token_embeddings"] = {
            str(i): numbers(model.encode([texts[i]], output_value="token_embeddings")[0].numpy()) for i in states
        }
    return out
