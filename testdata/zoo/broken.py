"""The broken zoo: one folder a way to fail, with what probe has to answer (testdata/broken/broken.json).

Kinds and stages are those of models/failure/failure.go. Exit code 3: it did not load; 4: it loaded, and could not be
measured.
"""

import json
import os
import struct

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save
from transformers import BertConfig, BertModel

import folder
import weights
import wordpiece
from folder import write_json, write_text

CONFIG = {
    "architectures": ["BertModel"],
    "hidden_act": "gelu",
    "hidden_size": 8,
    "intermediate_size": 9,
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 16,
    "model_type": "bert",
    "num_attention_heads": 2,
    "num_hidden_layers": 1,
    "pad_token_id": 0,
    "position_embedding_type": "absolute",
    "type_vocab_size": 2,
}
IDS, MASK, FLOAT = TensorProto.INT64, TensorProto.INT64, TensorProto.FLOAT
CASES: dict[str, tuple] = {}


def case(name: str, kind: str, stage: str, what: str, ref: str = ""):
    """Registers the function that fills the folder of a case."""

    def register(make):
        CASES[name] = (make, kind, stage, what, os.path.join(name, ref) if ref else name)
        return make

    return register


# Whole parts, for the cases to break.


def tokenizer():
    return wordpiece.bert(60)


def state(**change) -> dict[str, torch.Tensor]:
    model = BertModel(
        BertConfig(**{**CONFIG, "vocab_size": tokenizer().get_vocab_size(), **change}), add_pooling_layer=False
    )
    return dict(weights.fill(model, "broken").state_dict())


def model(path: str, config=None, tensors=None, raw: bytes | None = None) -> None:
    """A sound little BERT folder with mean pooling, but for what is given."""
    t = tokenizer()
    folder.save_tokenizer(
        path,
        t,
        {
            "model_max_length": 16,
            "tokenizer_class": "BertTokenizer",
            "do_lower_case": True,
            "cls_token": "[CLS]",
            "sep_token": "[SEP]",
            "unk_token": "[UNK]",
            "pad_token": "[PAD]",
            "mask_token": "[MASK]",
        },
    )
    write_json(os.path.join(path, "config.json"), {**CONFIG, "vocab_size": t.get_vocab_size(), **(config or {})})
    folder.modules(path, ["Transformer", "Pooling"])
    folder.pooling_config(path, 8, "mean")
    raw = weights_file(tensors or state()) if raw is None else raw
    write_bytes(os.path.join(path, "model.safetensors"), raw)


def weights_file(tensors) -> bytes:
    return save({k: v.contiguous() for k, v in tensors.items()}, metadata={"format": "pt"})


def write_bytes(path: str, data: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def header(entries, data: bytes = b"") -> bytes:
    """A safetensors file from header entries as they come: a dict, or JSON text."""
    text = (entries if isinstance(entries, str) else json.dumps(entries, separators=(",", ":"))).encode()
    return struct.pack("<Q", len(text)) + text + data


def graph(nodes, inputs, outputs, tensors=()) -> onnx.ModelProto:
    made = helper.make_graph(
        nodes,
        "broken",
        [helper.make_tensor_value_info(*i) for i in inputs],
        [helper.make_tensor_value_info(*o) for o in outputs],
        list(tensors),
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="probe")


def lookup(last=(), out="states", table=None) -> onnx.ModelProto:
    """A bare embedding model: rows of a table times the mask; last are nodes after it that end in out."""
    table = weights.bell("broken/table", (30, 8)).astype(np.float32) if table is None else table
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=FLOAT),
        helper.make_node("Unsqueeze", ["mask", "axis"], ["column"]),
        helper.make_node("Mul", ["rows", "column"], ["states"]),
        *last,
    ]
    tensors = [numpy_helper.from_array(table, "table"), numpy_helper.from_array(np.array([2], np.int64), "axis")]
    shape = ["batch", "sequence"]
    return graph(
        nodes, [("input_ids", IDS, shape), ("attention_mask", MASK, shape)], [(out, FLOAT, [*shape, 8])], tensors
    )


def onnx_file(path: str, made: onnx.ModelProto) -> None:
    write_bytes(os.path.join(path, "model.onnx"), made.SerializeToString(deterministic=True))


def external(path: str, location: str, length: int = 960) -> None:
    """The lookup model with its table in a file called location."""
    made = lookup()
    table = made.graph.initializer[0]
    table.ClearField("raw_data")
    table.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", str(length))):
        table.external_data.add(key=key, value=value)
    onnx_file(path, made)


def make(out: str) -> None:
    """Makes every case below out, and broken.json."""
    folder.fresh(out)
    rows = []
    for name in sorted(CASES):
        build, kind, stage, what, ref = CASES[name]
        path = folder.fresh(os.path.join(out, name))
        build(path)
        rows.append(
            {
                "name": name,
                "ref": ref,
                "expect_kind": kind,
                "expect_stage": stage,
                "exit_code": 4 if stage == "inference" else 3,
                "what": what,
            }
        )
    body = ",\n".join("  " + json.dumps(r) for r in rows)
    write_text(os.path.join(out, "broken.json"), '{\n "cases": [\n' + body + "\n ]\n}\n")
