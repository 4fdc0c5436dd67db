#!/usr/bin/env python3
"""make_options.py TRANSFORMERS... > options.json: which options of config.json transformers' code reads.

TRANSFORMERS are unpacked packages of transformers (made with those of 4.57.6 and 5.23.0). "families" has what the modeling file of
each model_type reads and what its configuration class declares, with other names (attribute_map) and keyword arguments, because
a configuration may compute one option from another; "everywhere" has what the code that all models share reads. Names are taken from the syntax tree: config.NAME and getattr(config, "NAME"). Standard library only.
"""
import ast
import json
import os
import sys

FAMILIES = {
    "bert": "bert", "roberta": "roberta", "xlm-roberta": "xlm_roberta", "camembert": "camembert", "electra": "electra",
    "mpnet": "mpnet", "distilbert": "distilbert", "albert": "albert", "deberta-v2": "deberta_v2", "modernbert": "modernbert",
    "t5": "t5", "llama": "llama", "mistral": "mistral", "qwen2": "qwen2", "qwen3": "qwen3", "gemma": "gemma", "clip": "clip",
    "siglip": "siglip", "gemma3_text": "gemma3",
}
SHARED = [
    "modeling_utils.py", "modeling_rope_utils.py", "masking_utils.py", "modeling_layers.py", "modeling_attn_mask_utils.py",
    "pytorch_utils.py", "activations.py", "integrations/sdpa_attention.py", "quantizers/auto.py",
]


def tree(path):
    if not os.path.exists(path):
        return ast.Module([], [])  # one of the versions has no such file
    with open(path, encoding="utf-8") as f:
        return ast.parse(f.read())


def is_config(node):
    """config, self.config, config.text_config, config.get_text_config()"""
    if isinstance(node, ast.Name):
        return node.id in ("config", "text_config", "vision_config", "encoder_config", "decoder_config")
    if isinstance(node, ast.Attribute):
        return node.attr in ("config", "text_config", "vision_config")
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get_text_config"


def constant(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def read(path):
    names, nodes = set(), list(ast.walk(tree(path)))
    called = {id(n.func) for n in nodes if isinstance(n, ast.Call)}
    for n in nodes:
        if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Load) and is_config(n.value) and id(n) not in called:
            names.add(n.attr)
        if (isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id in ("getattr", "hasattr")
                and len(n.args) > 1 and is_config(n.args[0])):
            names.add(constant(n.args[1]))
    return names


def declared(path):
    names = set()
    for n in ast.walk(tree(path)):
        if isinstance(n, ast.ClassDef):  # fields of version 5, arguments of version 4
            names |= {x.target.id for x in n.body if isinstance(x, ast.AnnAssign)}
        if isinstance(n, ast.FunctionDef) and n.name == "__init__":
            names |= {a.arg for a in n.args.args + n.args.kwonlyargs if a.arg != "self"}
        if isinstance(n, ast.Assign) and isinstance(n.value, ast.Dict):
            if any(isinstance(t, ast.Name) and t.id == "attribute_map" for t in n.targets):
                names |= {constant(x) for x in n.value.keys + n.value.values}
        if (isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr in ("pop", "get", "setdefault")
                and isinstance(n.func.value, ast.Name) and n.func.value.id == "kwargs" and n.args):
            names.add(constant(n.args[0]))
    return names


def main():
    everywhere, families = set(), {name: set() for name in FAMILIES}
    for package in sys.argv[1:]:
        for name in SHARED:
            everywhere |= read(os.path.join(package, name))
        for model_type, folder in FAMILIES.items():
            folder = os.path.join(package, "models", folder)
            for name in sorted(os.listdir(folder)):
                if name.startswith("modeling_") and not name.startswith(("modeling_tf_", "modeling_flax_")):
                    families[model_type] |= read(os.path.join(folder, name))
                if name.startswith("configuration_"):
                    families[model_type] |= declared(os.path.join(folder, name))

    def plain(names):
        return sorted(n for n in names if n and not n.startswith("_"))

    out = {"everywhere": plain(everywhere)}
    out["families"] = {k: plain(v) for k, v in sorted(families.items())}
    print(json.dumps(out, indent=1))


main()
