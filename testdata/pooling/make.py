"""Makes pooling.json and modules.json: what sentence-transformers and PyTorch compute for small inputs.

Run it with torch, numpy and sentence-transformers 6.2:  python testdata/pooling/make.py
The inputs come from a seeded generator and are stored with the results, so the Go tests need nothing else. Numbers are
float32 written with 9 significant digits, which is enough to get the same float32 back.
"""

import json
import pathlib

import torch
from sentence_transformers.sentence_transformer.modules import Pooling

HERE = pathlib.Path(__file__).parent
MODES = list(Pooling.POOLING_MODES)


def numbers(tensor):
    flat = tensor.detach().to(torch.float32).flatten().tolist()
    return [float(f"{x:.9g}") if abs(x) != float("inf") else ("-Infinity" if x < 0 else "Infinity") for x in flat]


def pooled(states, mask, modes, prompt):
    module = Pooling(states.shape[-1], tuple(modes), include_prompt=prompt == 0)
    features = {"token_embeddings": states, "attention_mask": mask, "prompt_length": prompt}
    return module(features)["sentence_embedding"]


def masks():
    yield "unpadded", torch.ones(3, 7, dtype=torch.int64)
    right = torch.ones(4, 9, dtype=torch.int64)
    for row, length in enumerate((9, 5, 1, 3)):
        right[row, length:] = 0
    yield "right", right
    yield "left", right.flip(1)
    yield "mixed", torch.stack([right[1], right[1].flip(0)])
    empty = right[:3].clone()
    empty[1] = 0
    yield "empty row", empty
    yield "hole", torch.tensor([[1, 1, 0, 1, 0], [0, 1, 0, 1, 1]])
    yield "one token", torch.ones(2, 1, dtype=torch.int64)
    long = torch.ones(2, 130, dtype=torch.int64)
    long[1, 70:] = 0
    yield "long", long


def pooling_cases():
    generator = torch.Generator().manual_seed(7)
    for name, mask in masks():
        dim = 3 if mask.shape[1] > 20 else 5
        states = torch.randn(*mask.shape, dim, generator=generator)
        sets = [[m] for m in MODES] + [["cls", "mean"], ["max", "mean", "lasttoken"], ["lasttoken", "cls"], MODES]
        results = []
        for modes in sets:
            for prompt in (0, 2):
                if prompt and mask.shape[1] < 3:
                    continue
                results.append(
                    {"modes": modes, "prompt": prompt, "vectors": numbers(pooled(states, mask, modes, prompt))}
                )
        yield {
            "name": name,
            "batch": mask.shape[0],
            "seq": mask.shape[1],
            "dim": dim,
            "states": numbers(states),
            "mask": mask.flatten().tolist(),
            "results": results,
        }


def accuracy_case():
    """States of real size: which accumulation is nearer to PyTorch's?"""
    generator = torch.Generator().manual_seed(11)
    out = []
    for seq in (6, 64, 256, 512):
        # Small integers over a power of two are exact in float32 and cheap to store; 1/3 makes them inexact again.
        whole = torch.randint(-4096, 4096, (1, seq, 4), generator=generator)
        states = whole.to(torch.float32) / torch.tensor(3.0)
        mask = torch.ones(1, seq, dtype=torch.int64)
        out.append(
            {
                "seq": seq,
                "dim": 4,
                "thirds": whole.flatten().tolist(),
                "mean": numbers(pooled(states, mask, ["mean"], 0)),
                "weightedmean": numbers(pooled(states, mask, ["weightedmean"], 0)),
            }
        )
    return out


ACTIVATIONS = {
    "torch.nn.modules.linear.Identity": {},
    "torch.nn.modules.activation.Tanh": {},
    "torch.nn.modules.activation.ReLU": {},
    "torch.nn.modules.activation.ReLU6": {},
    "torch.nn.modules.activation.LeakyReLU": {},
    "torch.nn.modules.activation.ELU": {},
    "torch.nn.modules.activation.SELU": {},
    "torch.nn.modules.activation.CELU": {},
    "torch.nn.modules.activation.GELU": {},
    "torch.nn.modules.activation.SiLU": {},
    "torch.nn.modules.activation.Mish": {},
    "torch.nn.modules.activation.Sigmoid": {},
    "torch.nn.modules.activation.LogSigmoid": {},
    "torch.nn.modules.activation.Softplus": {},
    "torch.nn.modules.activation.Softsign": {},
    "torch.nn.modules.activation.Tanhshrink": {},
    "torch.nn.modules.activation.Hardtanh": {},
    "torch.nn.modules.activation.Hardswish": {},
    "torch.nn.modules.activation.Hardsigmoid": {},
}


def activation_cases():
    values = torch.tensor(
        [-100.0, -20.5, -8.0, -3.0, -2.99, -1.0, -0.5, -1e-4, -1e-8, 0.0, 1e-8, 1e-4, 0.25, 0.5, 1.0, 1.7, 2.99, 3.0,
         5.5, 6.0, 8.0, 19.9, 20.1, 100.0]
    )
    for path, arguments in ACTIVATIONS.items():
        module = torch
        for part in path.split(".")[1:]:
            module = getattr(module, part)
        yield {"name": path, "inputs": numbers(values), "outputs": numbers(module(**arguments)(values))}


def dense_cases():
    generator = torch.Generator().manual_seed(3)
    for batch, inner, outer, bias, name in ((3, 6, 4, True, "Tanh"), (2, 4, 7, False, "Tanh"), (2, 384, 3, True, "GELU")):
        x = torch.randn(batch, inner, generator=generator)
        weight = torch.randn(outer, inner, generator=generator) / inner**0.5
        b = torch.randn(outer, generator=generator) if bias else None
        y = getattr(torch.nn, name)()(torch.nn.functional.linear(x, weight, b))
        yield {
            "batch": batch,
            "in": inner,
            "out": outer,
            "activation": f"torch.nn.modules.activation.{name}",
            "inputs": numbers(x),
            "weight": numbers(weight),
            "bias": numbers(b) if bias else None,
            "outputs": numbers(y),
        }


def layer_norm_cases():
    generator = torch.Generator().manual_seed(5)
    for dim in (5, 384):
        x = torch.randn(3, dim, generator=generator) * 3 + 1
        x[2] = 0.5  # no variance: the epsilon decides
        norm = torch.nn.LayerNorm(dim)
        weight = torch.randn(dim, generator=generator)
        bias = torch.randn(dim, generator=generator)
        norm.load_state_dict({"weight": weight, "bias": bias})
        yield {
            "batch": 3,
            "dim": dim,
            "inputs": numbers(x),
            "weight": numbers(weight),
            "bias": numbers(bias),
            "outputs": numbers(norm(x)),
        }


def normalize_cases():
    generator = torch.Generator().manual_seed(9)
    x = torch.randn(6, 8, generator=generator)
    x[1] *= 1e-6
    x[2] *= 1e6
    x[3] = 0
    x[4] = 1e-14  # its norm lies under the clamp
    x[5] = 1e-30  # its squares vanish in float32
    yield {"batch": 6, "dim": 8, "inputs": numbers(x), "outputs": numbers(torch.nn.functional.normalize(x, p=2, dim=-1))}


def write(name, value):
    (HERE / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")


write("pooling.json", {"cases": list(pooling_cases()), "accuracy": accuracy_case()})
write(
    "modules.json",
    {
        "activations": list(activation_cases()),
        "dense": list(dense_cases()),
        "layer_norm": list(layer_norm_cases()),
        "normalize": list(normalize_cases()),
    },
)
