"""ONNX files: export by PyTorch's TorchScript exporter (what optimum used), and cleaning."""

import os

import numpy as np
import onnx
import onnxruntime
import torch

TEXT_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class LastHiddenState(torch.nn.Module):
    """A transformer with tensors as arguments, in the order of its input names, and last_hidden_state as result."""

    def __init__(self, model, inputs):
        super().__init__()
        self.model, self.inputs = model, inputs

    def forward(self, *tensors):
        return self.model(**dict(zip(self.inputs, tensors))).last_hidden_state


def clean(model: onnx.ModelProto) -> onnx.ModelProto:
    """Takes out what says where and how the file was made: doc strings, metadata, inferred shapes inside the graph."""
    model.doc_string = model.graph.doc_string = ""
    del model.metadata_props[:]
    del model.graph.value_info[:]
    del model.graph.metadata_props[:]
    for thing in [*model.graph.node, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        thing.doc_string = ""
        if hasattr(thing, "metadata_props"):
            del thing.metadata_props[:]
    return model


def save(model: onnx.ModelProto, path: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    model = clean(model)
    onnx.checker.check_model(model)
    with open(path, "wb") as f:
        f.write(model.SerializeToString(deterministic=True))


def export(
    module: torch.nn.Module,
    path: str,
    inputs,
    outputs=("last_hidden_state",),
    example=None,
    axes=None,
    opset: int = 17,
) -> onnx.ModelProto:
    """Exports module to path. inputs are names; example their tensors (2 x 7 ids, mask, ... where none are given)."""
    if example is None:
        ids = torch.ones(2, 7, dtype=torch.long)
        mask = torch.ones_like(ids)
        mask[0, 5:] = 0
        given = {
            "input_ids": ids,
            "attention_mask": mask,
            "token_type_ids": torch.zeros_like(ids),
            "position_ids": torch.arange(7).expand(2, 7).clone(),
        }
        example = tuple(given[name] for name in inputs)
    if axes is None:
        both = {0: "batch_size", 1: "sequence_length"}
        axes = {name: both for name in inputs}
        axes.update(
            {
                name: both if name in ("last_hidden_state", "token_embeddings") else {0: "batch_size"}
                for name in outputs
            }
        )
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with torch.no_grad():
        torch.onnx.export(
            module.eval(),
            example,
            path,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=axes,
            opset_version=opset,
            dynamo=False,
            do_constant_folding=True,
        )
    model = onnx.load(path)
    save(model, path)
    return model


def session(path: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def check_states(
    path: str,
    model: torch.nn.Module,
    inputs,
    ids: list[list[int]],
    tolerance: float = 2e-5,
    side: str = "right",
    pad: int = 0,
) -> None:
    """The exported file and PyTorch agree on the token states of a padded batch, at other lengths than the export's."""
    longest = max(map(len, ids))
    batch = np.full((len(ids), longest), pad, np.int64)
    mask = np.zeros_like(batch)
    for row, x in enumerate(ids):
        where = slice(0, len(x)) if side == "right" else slice(longest - len(x), longest)
        batch[row, where], mask[row, where] = x, 1
    positions = np.maximum(np.cumsum(mask, axis=1) - 1, 0)
    feed = {
        "input_ids": batch,
        "attention_mask": mask,
        "token_type_ids": np.zeros_like(batch),
        "position_ids": positions,
    }
    feed = {k: feed[k] for k in inputs}
    got = session(path).run(["last_hidden_state"], feed)[0]
    with torch.no_grad():
        want = model(**{k: torch.from_numpy(v) for k, v in feed.items()}).last_hidden_state.numpy()
    worst = np.abs(got - want)[mask == 1].max()
    assert worst < tolerance, f"{path}: exported graph differs from PyTorch by {worst:.2e}"
