"""Weights from names: every parameter comes from a generator seeded with the model's and the parameter's own name.

So a weight depends neither on the order in which a library makes its parameters, nor on the machine: PCG64 and the
sum of uniforms below are plain arithmetic, without vector units or libm in them. The scales are larger than those of
a training start (0.02), because with those attention is almost uniform, GELU almost linear, and a wrong graph still makes
nearly the right vectors.
"""

import hashlib

import numpy as np
import torch


def bell(key: str, shape) -> np.ndarray:
    """float64 numbers of mean 0 and standard deviation 1, roughly normal: the sum of four uniforms."""
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:16], "little")
    u = np.random.Generator(np.random.PCG64(seed)).random((4, *shape))
    return (((u[0] + u[1]) + (u[2] + u[3])) - 2.0) * np.float64(1.7320508075688772)


def draw(key: str, name: str, shape, zero_centred_norms: bool = False) -> np.ndarray:
    """The float32 value of one parameter of the model `key`, scaled by what it is."""
    x = bell(f"{key}/{name}", tuple(shape))
    low = name.lower()
    last = low.rsplit(".", 1)[-1]
    is_norm = "norm" in low or "ln_" in low or low.startswith("norm") or ".ln" in low
    if len(shape) >= 2:
        if "relative_attention_bias" in low or "rel_embeddings" in low:
            x = 0.8 * x
        elif "embed" in low and "mapping" not in low and "projection" not in low and "patch" not in low:
            x = 0.7 * x
        else:
            x = 1.2 * x / np.sqrt(np.prod(shape[1:]))
    elif last == "bias":
        x = 0.1 * x
    elif is_norm and last == "weight":
        x = (0.0 if zero_centred_norms else 1.0) + 0.15 * x
    elif "logit_scale" in low:
        x = 2.6592 + 0.0 * x
    elif len(shape) == 1:
        x = 0.3 * x
    else:
        raise ValueError(f"{key}: no scale for parameter {name} of shape {tuple(shape)}")
    return np.asarray(x, dtype=np.float32)


def fill(model: torch.nn.Module, key: str, zero_centred_norms: bool = False) -> torch.nn.Module:
    """Sets every parameter of the model, in place, and puts it in eval mode. Buffers stay as they are."""
    seen: dict[int, str] = {}
    with torch.no_grad():
        for name, p in model.named_parameters():  # tied parameters come once
            assert id(p) not in seen
            seen[id(p)] = name
            p.copy_(torch.from_numpy(draw(key, name, p.shape, zero_centred_norms)))
    return model.eval()
