"""Static embeddings: a table, a mean, no transformer (group "families")."""

import os

import torch

import folder
import truth
import weights
import wordpiece
from folder import write_json
from textmodel import Files, ST, entry


def table(name: str, rows: int, width: int) -> torch.Tensor:
    return torch.from_numpy(weights.draw(name, "embedding.weight", (rows, width)))


def static_embedding(out, name):
    """The folder as sentence-transformers saves one of its own StaticEmbedding models."""
    f = Files(out, name, "static")
    t = wordpiece.bert()
    part = f.at("0_StaticEmbedding")
    folder.save_weights(
        os.path.join(part, "model.safetensors"), {"embedding.weight": table(name, t.get_vocab_size(), 40)}
    )
    os.makedirs(part, exist_ok=True)
    folder.write_text(os.path.join(part, "tokenizer.json"), t.to_str())
    folder.modules(f.path, ["StaticEmbedding"], first_path="0_StaticEmbedding")
    write_json(f.at("config_sentence_transformers.json"), ST)
    f.artifacts = ["0_StaticEmbedding/model.safetensors"]
    return finish(
        f, "as static-retrieval-mrl-en-v1: mean of table rows, no special tokens, no limit, not normalized", t
    )


def model2vec(out, name, quantized=False):
    """The folder as model2vec saves it; config.json has its own keys."""
    f = Files(out, name, "model2vec")
    t = wordpiece.bert()
    size = t.get_vocab_size()
    tensors = {"embeddings": table(name, 300 if quantized else size, 40)}
    if quantized:  # 300 rows for all tokens, with a row number and a weight each
        u = weights.bell(name + "/mapping", (size,))
        tensors["mapping"] = torch.from_numpy((abs(u) * 997).astype("int64") % 300)
        tensors["weights"] = torch.from_numpy(weights.draw(name, "norm.weight", (size,)))
        tensors["embeddings"] = tensors["embeddings"].half()
        f.dtype = "float16"
    folder.save_weights(f.at("model.safetensors"), tensors)
    folder.write_text(f.at("tokenizer.json"), t.to_str())
    write_json(
        f.at("config.json"),
        {
            "model_type": "model2vec",
            "architectures": ["StaticModel"],
            "tokenizer_name": "tiny",
            "apply_pca": 40,
            "apply_zipf": True,
            "hidden_dim": 40,
            "seq_length": 1000000,
            "normalize": True,
        },
    )
    folder.modules(f.path, ["StaticEmbedding", "Normalize"], first_path=".")
    f.artifacts = ["model.safetensors"]
    what = (
        "model2vec with a smaller table, a row number and a weight for each token, float16"
        if quantized
        else "as potion-base-8M: the model2vec folder, normalized"
    )
    return finish(f, what, t)


def finish(f: Files, what: str, t) -> dict:
    """Static models have ids without special tokens, no limit, and vectors of zeros for an empty text."""
    model = truth.load_static(f.path)
    vectors = truth.encode(model, truth.TEXTS)
    out = {
        "model": f.name,
        "library": truth.LIBRARY,
        "pooling": "mean",
        "normalization": truth.normalization(vectors),
        "dimension": 40,
        "max_sequence_length": None,
        "dtype": f.dtype,
        "artifacts": ["safetensors"],
        "texts": truth.TEXTS,
        "input_ids": [t.encode(x, add_special_tokens=False).ids for x in truth.TEXTS],
        "embeddings": truth.numbers(vectors),
    }
    truth.write(f"{f.path}.truth.json", out)
    return entry(out, f.family, f.artifacts, what, 1e-5 if f.dtype == "float32" else 2e-3)


MAKERS = {
    "static-st": static_embedding,
    "model2vec-static": model2vec,
    "model2vec-quantized": lambda out, n: model2vec(out, n, quantized=True),
}
