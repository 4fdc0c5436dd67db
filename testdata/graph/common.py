"""What the scripts of testdata/graph share: seeded weights that make every mistake visible, inputs, and truth files."""

import base64
import json
import pathlib
import shutil

import torch
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
PAD_BATCH = 3


def randomize(model, seed, calm=()):
    """Fills every parameter, norms and biases too: zero biases and unit norms would hide a builder that skips them.

    The names in calm are made smaller: queries of T5, whose scores are not scaled."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            noise = torch.randn(p.shape, generator=generator)
            norm = "norm" in name.lower() or "layrnorm" in name.lower()
            if any(part in name for part in calm):
                noise /= 2
            if p.dim() < 2:
                p.copy_(noise * 0.2 + (1.0 if norm and name.endswith("weight") and float(p.mean()) > 0.5 else 0.0))
            elif "embed" in name.lower() or "shared" in name:
                p.copy_(noise)
            else:
                p.copy_(noise * 1.2 / p[0].numel() ** 0.5)
    return model.eval()


def round_weights(model, dtype):
    """Rounds the parameters to a half precision and leaves buffers alone: RoPE's frequencies stay float32."""
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(p.to(dtype))


def inputs(seed, vocab, longest, pad, low=5, eos=None):
    """Batches with right and with left padding, and single sequences of lengths 1, 2 and the longest."""
    generator = torch.Generator().manual_seed(seed)

    def draw(n):
        ids = torch.randint(low, vocab, (n,), generator=generator)
        if eos is not None:
            ids[-1] = eos
        return ids.tolist()

    middle = min(9, longest)
    lengths = [middle, max(1, middle - 4), 1]
    sequences = [draw(n) for n in lengths]
    yield "right padding", [s + [pad] * (middle - len(s)) for s in sequences], [
        [1] * len(s) + [0] * (middle - len(s)) for s in sequences
    ]
    yield "left padding", [[pad] * (middle - len(s)) + s for s in sequences], [
        [0] * (middle - len(s)) + [1] * len(s) for s in sequences
    ]
    for name, n in (("one token", 1), ("two tokens", 2), ("the longest", longest)):
        yield name, [draw(n)], [[1] * n]


def encode(tensor):
    return base64.b64encode(tensor.detach().float().contiguous().numpy().tobytes()).decode()


def save(name, state, config, dtype=None, shards=None, metadata=None):
    """Writes the model's folder: config.json, and model.safetensors or shards with an index."""
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    state = {k: v.detach().clone().contiguous() for k, v in state.items()}
    if dtype is not None:
        state = {k: v.to(dtype) if v.is_floating_point() else v for k, v in state.items()}
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    metadata = {"format": "pt"} | (metadata or {})
    if not shards:
        save_file(state, folder / "model.safetensors", metadata=metadata)
        return
    names = sorted(state)
    weight_map = {}
    for i in range(shards):
        shard = f"model-{i + 1:05d}-of-{shards:05d}.safetensors"
        part = {k: state[k] for k in names[i::shards]}
        save_file(part, folder / shard, metadata=metadata)
        weight_map |= dict.fromkeys(part, shard)
    index = {"metadata": {"total_size": sum(v.nbytes for v in state.values())}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1, sort_keys=True) + "\n")


def write_truth(name, cases, longest, hard):
    (HERE / f"{name}.json").write_text(json.dumps({"longest": longest, "hard": hard, "cases": cases}) + "\n")


def text_case(label, ids, mask, types, hidden):
    case = {"name": label, "ids": ids, "mask": mask, "shape": list(hidden.shape), "hidden": encode(hidden)}
    if types is not None:
        case["types"] = types
    return case
