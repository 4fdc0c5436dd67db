"""Makes the cases that libraries can be asked about without a transformer. Two runs make the same bytes.

    python testdata/cases/make.py

Needs model2vec 0.10.0, onnx 1.23.2, onnxruntime 1.31.1 and tokenizers 0.23.3.
"""

import json
import os
import shutil

import numpy as np
import onnx
import onnxruntime
from model2vec import StaticModel
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = ["[PAD]", "[UNK]", "a", "man", "is", "eating", "food", "the", "dog", "runs"]
TEXTS = ["a man is eating food", "the purple dog runs", "unheard of words", "the dog runs " * 300 + "a man", "dog"]


def folder(name: str) -> str:
    out = os.path.join(HERE, name, "model")
    shutil.rmtree(os.path.dirname(out), ignore_errors=True)
    os.makedirs(out)
    return out


def write(path: str, content) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        json.dump(content, f, indent=1)


def words() -> Tokenizer:
    t = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    t.pre_tokenizer = pre_tokenizers.Whitespace()
    return t


def numbers(seed: int, *shape: int) -> np.ndarray:
    return np.random.Generator(np.random.PCG64(seed)).standard_normal(shape).astype(np.float32)


def static(name: str, config: dict, tensors: dict) -> None:
    """A folder of model2vec, and the library's own vectors for it."""
    out = folder(name)
    save_file(tensors, os.path.join(out, "model.safetensors"))
    words().save(os.path.join(out, "tokenizer.json"))
    write(os.path.join(out, "config.json"), config)
    vectors = StaticModel.from_pretrained(out).encode(TEXTS)
    write(os.path.join(out, "..", "expected.json"), {"texts": TEXTS, "embeddings": np.asarray(vectors, np.float64).tolist()})


def graph(path: str, pooled: bool) -> None:
    """token_embeddings of a table; with pooled sentence_embedding too, their mean times a matrix, normalized."""
    node = helper.make_node
    nodes = [node("Gather", ["table", "input_ids"], ["token_embeddings"], axis=0)]
    consts = {"table": numbers(3, len(WORDS), 6)}
    outputs = [helper.make_tensor_value_info("token_embeddings", TensorProto.FLOAT, ["batch", "sequence", 6])]
    if pooled:
        consts |= {"last": np.array([2], np.int64), "axis": np.array([1], np.int64), "matrix": numbers(4, 6, 4)}
        nodes += [
            node("Cast", ["attention_mask"], ["float_mask"], to=TensorProto.FLOAT),
            node("Unsqueeze", ["float_mask", "last"], ["wide_mask"]),
            node("Mul", ["token_embeddings", "wide_mask"], ["kept"]),
            node("ReduceSum", ["kept", "axis"], ["sum"], keepdims=0),
            node("ReduceSum", ["wide_mask", "axis"], ["count"], keepdims=0),
            node("Div", ["sum", "count"], ["mean"]),
            node("MatMul", ["mean", "matrix"], ["projected"]),
            node("ReduceL2", ["projected"], ["norm"], axes=[-1], keepdims=1),
            node("Div", ["projected", "norm"], ["sentence_embedding"]),
        ]
        outputs.append(helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["batch", 4]))
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "sequence"]) for n in ("input_ids", "attention_mask")]
    g = helper.make_graph(nodes, "g", inputs, outputs, [numpy_helper.from_array(v, k) for k, v in consts.items()])
    onnx.save(helper.make_model(g, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def exported(name: str, modules: list[str], pooled: bool, error: str = "") -> None:
    """A sentence-transformers folder with a graph, some of whose modules cannot be run from their own files."""
    out = folder(name)
    graph(os.path.join(out, "model.onnx"), pooled)
    words().save(os.path.join(out, "tokenizer.json"))
    write(os.path.join(out, "config.json"), {"model_type": "bert", "hidden_size": 6})
    listed = []
    for i, kind in enumerate(modules):
        where = "" if i == 0 else f"{i}_{kind.rsplit('.', 1)[-1]}"
        listed.append({"idx": i, "name": str(i), "path": where, "type": kind})
        if kind.endswith(".Pooling"):
            write(os.path.join(out, where, "config.json"), {"word_embedding_dimension": 6, "pooling_mode_mean_tokens": True})
        if kind.endswith(".Dense"):
            dense = {"in_features": 6, "out_features": 4, "bias": False, "activation_function": "torch.nn.modules.linear.Identity"}
            write(os.path.join(out, where, "config.json"), dense)
    write(os.path.join(out, "modules.json"), listed)
    texts = [TEXTS[0], TEXTS[1], TEXTS[4]]
    expected = {"texts": texts, "error": error}
    if not error:
        session = onnxruntime.InferenceSession(os.path.join(out, "model.onnx"), providers=["CPUExecutionProvider"])
        expected = {"texts": texts, "embeddings": []}
        for text in texts:
            ids = np.array([words().encode(text).ids], np.int64)
            got = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
            vector = got[1][0] if pooled else got[0][0].mean(axis=0) / np.linalg.norm(got[0][0].mean(axis=0))
            expected["embeddings"].append(vector.astype(np.float64).tolist())
    write(os.path.join(out, "..", "expected.json"), expected)


def main() -> None:
    n = len(WORDS)
    static("static-unknown-words", {"normalize": True}, {"embeddings": numbers(1, n, 4)})
    static("static-short-limit", {"model_type": "model2vec", "normalize": False, "max_length": 3}, {
        "embeddings": numbers(2, 5, 4), "mapping": np.arange(n, dtype=np.int64) % 5,
        "weights": np.linspace(0.1, 1, n).astype(np.float64)})
    static("static-no-limit", {"normalize": False, "max_length": None}, {"embeddings": numbers(5, n, 4)})
    st = "sentence_transformers.models."
    exported("dense-without-weights", [st + "Transformer", st + "Pooling", st + "Dense", st + "Normalize"], True)
    exported("code-of-its-own", ["custom_st.Transformer", st + "Pooling", st + "Normalize"], False)
    exported("code-after-pooling", [st + "Transformer", st + "Pooling", "modeling_head.Projection"], True)
    exported("code-outside-graph", [st + "Transformer", st + "Pooling", "modeling_head.Projection"], False, "unsupported_model")


main()
