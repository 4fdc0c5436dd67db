"""Writing model folders as people have them: JSON files, tokenizer files, safetensors."""

import json
import os
import shutil

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer

OLD = "sentence_transformers.models."  # module types as sentence-transformers wrote them up to 5.x

#: The keys of the old 1_Pooling/config.json, in its order.
POOLING_KEYS = {
    "cls": "pooling_mode_cls_token",
    "mean": "pooling_mode_mean_tokens",
    "max": "pooling_mode_max_tokens",
    "mean_sqrt_len_tokens": "pooling_mode_mean_sqrt_len_tokens",
    "weightedmean": "pooling_mode_weightedmean_tokens",
    "lasttoken": "pooling_mode_lasttoken",
}


def fresh(path: str) -> str:
    """Makes an empty folder at path; what was there goes."""
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def write_text(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="\n") as f:
        f.write(text)


def write_json(path: str, value, indent=2) -> None:
    write_text(path, json.dumps(value, indent=indent, ensure_ascii=False) + "\n")


def read_json(path: str):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def save_weights(path: str, tensors: dict, dtype=None) -> None:
    """model.safetensors with transformers' metadata. Floating tensors are cast to dtype where one is given."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    out = {}
    for name, t in tensors.items():
        t = t.detach()
        out[name] = (t.to(dtype) if dtype is not None and t.is_floating_point() else t).contiguous().clone()
    save_file(out, path, metadata={"format": "pt"})
    os.chmod(path, 0o644)


def save_tokenizer(path: str, t: Tokenizer, config: dict, truncation=None, padding=None) -> None:
    """tokenizer.json (compact, to keep the zoo small) and tokenizer_config.json.

    truncation and padding are what the file itself asks for; sentence-transformers overrides both.
    """
    copy = json.loads(t.to_str())
    copy["truncation"], copy["padding"] = truncation, padding
    write_json(os.path.join(path, "tokenizer.json"), copy, indent=None)
    write_json(os.path.join(path, "tokenizer_config.json"), config)


def special_tokens_map(path: str, names: dict) -> None:
    write_json(os.path.join(path, "special_tokens_map.json"), names)


def pooling_config(path: str, dimension: int, modes, **extra) -> None:
    """1_Pooling/config.json in the format of sentence-transformers 2 to 5."""
    modes = [modes] if isinstance(modes, str) else list(modes)
    config = {"word_embedding_dimension": dimension}
    config.update({key: mode in modes for mode, key in POOLING_KEYS.items()})
    config["include_prompt"] = True
    config.update(extra)
    write_json(os.path.join(path, "1_Pooling", "config.json"), config)


def modules(path: str, names: list[str], prefix: str = OLD, first_path: str = "") -> None:
    """modules.json for a chain such as ["Transformer", "Pooling", "Normalize"]; the folders are 1_Pooling, ..."""
    write_json(
        os.path.join(path, "modules.json"),
        [
            {"idx": i, "name": str(i), "path": first_path if i == 0 else f"{i}_{name}", "type": prefix + name}
            for i, name in enumerate(names)
        ],
    )


def module_weights(path: str, module: torch.nn.Module) -> None:
    save_weights(os.path.join(path, "model.safetensors"), module.state_dict())


def save_shards(path: str, tensors: dict, count: int, dtype=None) -> list[str]:
    """model-0000i-of-0000n.safetensors with their index, as transformers splits what is too large for one file."""
    names, where = sorted(tensors), {}
    size = sum(t.numel() * t.element_size() for t in tensors.values())
    for i in range(count):
        file = f"model-{i + 1:05d}-of-{count:05d}.safetensors"
        part = names[i * len(names) // count : (i + 1) * len(names) // count]
        save_weights(os.path.join(path, file), {n: tensors[n] for n in part}, dtype)
        where.update({n: file for n in part})
    write_json(
        os.path.join(path, "model.safetensors.index.json"), {"metadata": {"total_size": size}, "weight_map": where}
    )
    return ["model.safetensors.index.json"]
