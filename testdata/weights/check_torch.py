"""Holds the files of make.py against PyTorch, and writes the same state dict with PyTorch's own torch.save.

    python check_torch.py               needs torch; the files saved-*.bin here are of torch 2.15.0
"""

import json
import pathlib

import torch

HERE = pathlib.Path(__file__).parent
TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "F64": torch.float64, "I64": torch.int64,
         "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool}


def raw(t):
    t = t.detach().contiguous()
    return t.reshape(-1).view(torch.uint8).numpy().tobytes() if t.numel() else b""


def check(path):
    # Protocols 4 and 5 are more than the weights_only unpickler of torch 2.15 knows. The files are our own.
    state = torch.load(path, weights_only=False)
    state = state.get("state_dict", state)
    for name, want in json.loads((HERE / "state.json").read_text()).items():
        t = state[name]
        assert t.dtype == TYPES[want["type"]] and list(t.shape) == want["shape"] and raw(t).hex() == want["hex"], (path, name)
    assert state["a.weight"].data_ptr() == state["b.weight"].data_ptr(), path
    print(path.name, "is what PyTorch reads")
    return state


if __name__ == "__main__":
    for path in sorted([*HERE.glob("zip-*.bin"), *HERE.glob("legacy-*.bin"), *HERE.glob("*.pt")]):
        state = check(path)
    state = check(HERE / "zip-2.bin")
    torch.save(state, HERE / "saved-zip.bin")
    torch.save(state, HERE / "saved-zip-4.bin", pickle_protocol=4)
    torch.save(state, HERE / "saved-legacy.bin", _use_new_zipfile_serialization=False)
