"""BERT models: one for every pooling and module that sentence-transformers has (group "poolings")."""

import functools
import os

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Dense, Normalize, Transformer
from sentence_transformers.sentence_transformer.modules import LayerNorm, Pooling
from transformers import BertConfig, BertModel

import folder
import onnx_files
import truth
import weights
import wordpiece
from textmodel import entry

ST_OLD = {"__version__": {"sentence_transformers": "2.0.0", "transformers": "4.6.1", "pytorch": "1.8.1"}}
SPECIAL_NAMES = {
    "unk_token": "[UNK]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
}
MEAN = (
    "as sentence-transformers/all-MiniLM-L6-v2 comes: old folder format, mean pooling, Normalize, 24 of 64 positions"
)


def config(vocab: int, **change) -> dict:
    """config.json as transformers 4 wrote it. 37 and 24 are odd ones on purpose."""
    return {
        "_name_or_path": "tiny",
        "architectures": ["BertModel"],
        "attention_probs_dropout_prob": 0.1,
        "gradient_checkpointing": False,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "hidden_size": 32,
        "initializer_range": 0.02,
        "intermediate_size": 37,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": 64,
        "model_type": "bert",
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "pad_token_id": 0,
        "position_embedding_type": "absolute",
        "transformers_version": "4.8.2",
        "type_vocab_size": 2,
        "use_cache": True,
        "vocab_size": vocab,
        **change,
    }


@functools.cache
def tokenizer():
    """The tokenizer that all BERT models of the zoo share."""
    return wordpiece.bert()


def transformer(path: str, key: str, prefix: str = "", leftovers: bool = False, dtype=None, **change) -> BertModel:
    """Writes config.json, model.safetensors and the tokenizer of a BERT model, and returns the model."""
    t = tokenizer()
    c = config(t.get_vocab_size(), **change)
    if dtype is not None:
        c["torch_dtype"] = str(dtype).removeprefix("torch.")
    model = weights.fill(BertModel(BertConfig(**c)), key)
    folder.write_json(os.path.join(path, "config.json"), c)
    state = {prefix + k: v for k, v in model.state_dict().items()}
    if leftovers:  # all-MiniLM-L6-v2 has this buffer among its weights, models trained with a head have such tensors
        state[prefix + "embeddings.position_ids"] = torch.arange(c["max_position_embeddings"]).unsqueeze(0)
    if prefix:
        state["cls.predictions.bias"] = torch.zeros(c["vocab_size"])
        state["cls.seq_relationship.weight"] = torch.ones(2, c["hidden_size"])
    folder.save_weights(os.path.join(path, "model.safetensors"), state, dtype)
    # tokenizer.json of the real model asks for 128 tokens, padded to 128; sentence-transformers uses neither.
    folder.save_tokenizer(
        path,
        t,
        {
            "do_lower_case": True,
            **SPECIAL_NAMES,
            "tokenize_chinese_chars": True,
            "strip_accents": None,
            "name_or_path": "tiny",
            "do_basic_tokenize": True,
            "never_split": None,
            "tokenizer_class": "BertTokenizer",
            "model_max_length": 64,
        },
        truncation={"direction": "Right", "max_length": 16, "strategy": "LongestFirst", "stride": 0},
        padding={
            "strategy": {"Fixed": 16},
            "direction": "Right",
            "pad_to_multiple_of": None,
            "pad_id": 0,
            "pad_type_id": 0,
            "pad_token": "[PAD]",
        },
    )
    folder.special_tokens_map(path, SPECIAL_NAMES)
    folder.write_text(os.path.join(path, "vocab.txt"), wordpiece.vocab_txt(t))
    return model


def export(path: str, model: BertModel) -> None:
    """onnx/model.onnx, and the check that it is the same model."""
    file = os.path.join(path, "onnx", "model.onnx")
    wrapped = onnx_files.LastHiddenState(model, onnx_files.TEXT_INPUTS)
    onnx_files.export(wrapped, file, onnx_files.TEXT_INPUTS)
    onnx_files.check_states(file, model, onnx_files.TEXT_INPUTS, [[2, 9, 8, 7, 3], [2, 3], list(range(40))])


def build(
    out: str,
    name: str,
    modes="mean",
    chain=("Pooling", "Normalize"),
    onnx=True,
    max_seq_length=24,
    st=None,
    states=(),
    what="",
    key=None,
    declared="float32",
    **kw,
) -> dict:
    """One folder in the old format with its truth; returns its line of the index."""
    path = folder.fresh(os.path.join(out, name))
    model = transformer(path, key or ("bert" if not kw else name), **kw)
    folder.modules(path, ["Transformer", *chain])
    folder.write_json(
        os.path.join(path, "sentence_bert_config.json"), {"max_seq_length": max_seq_length, "do_lower_case": False}
    )
    folder.write_json(os.path.join(path, "config_sentence_transformers.json"), {**ST_OLD, **(st or {})})
    dimension, pooled = 32, 32 * (1 if isinstance(modes, str) else len(modes))
    folder.pooling_config(path, dimension, modes, **({"include_prompt": False} if name == "bert-prompt" else {}))
    for i, step in enumerate(chain, start=1):
        pooled = extra_module(os.path.join(path, f"{i}_{step}"), name, step, pooled)
    if onnx:
        export(path, model)
    files = ["model.safetensors"] + (["onnx/model.onnx"] if onnx else [])
    t = truth.of_sentence_transformer(
        path, name, kinds(files), modes if isinstance(modes, str) else "+".join(modes), declared, states=states
    )
    prompt_truth(path, t, st)
    truth.write(f"{path}.truth.json", t)
    return entry(t, "bert", files, what)


def extra_module(path: str, name: str, step: str, dimension: int) -> int:
    """Writes a Dense or LayerNorm folder; returns the dimension after it."""
    if step == "Dense":
        plain = name == "bert-dense-identity-nobias"
        m = Dense(
            dimension,
            21 if plain else 48,
            bias=not plain,
            activation_function=torch.nn.Identity() if plain else torch.nn.Tanh(),
        )
        c = {
            "in_features": dimension,
            "out_features": m.out_features,
            "bias": m.bias,
            "activation_function": "torch.nn.modules.linear.Identity"
            if plain
            else "torch.nn.modules.activation.Tanh",
        }
        dimension = m.out_features
    elif step == "LayerNorm":
        m, c = LayerNorm(dimension), {"dimension": dimension}
    else:
        return dimension
    weights.fill(m, f"{name}/{step}")
    folder.write_json(os.path.join(path, "config.json"), c)
    folder.module_weights(path, m)
    return dimension


def prompt_truth(path: str, t: dict, st: dict | None) -> None:
    """Vectors under each prompt by name; "embeddings" itself is under the default prompt, as encode() returns it."""
    if not st or "prompts" not in st:
        return
    model = truth.load(path)
    t["prompts"], t["default_prompt_name"] = st["prompts"], st["default_prompt_name"]
    t["similarity_fn_name"] = st["similarity_fn_name"]
    t["embeddings_by_prompt"] = {
        name: truth.numbers(truth.encode(model, t["texts"], prompt_name=name)) for name in st["prompts"]
    }
    t["input_ids_by_prompt"] = {
        n: [truth.token_ids(model, x, p) for x in t["texts"]] for n, p in st["prompts"].items()
    }


def new_format(out: str, name: str = "bert-newformat", mode="mean", onnx=True) -> dict:
    """As sentence-transformers 6 saves it: no max_seq_length, `sentence_transformers.base.modules...` types."""
    path = folder.fresh(os.path.join(out, name))
    model = transformer(path, name, max_position_embeddings=41)
    st = SentenceTransformer(modules=[Transformer(path), Pooling(32, mode), Normalize()], device="cpu")
    made = folder.fresh(path + ".tmp")
    st.save(made, create_model_card=False)
    folder.fresh(path)
    os.rmdir(path)
    os.rename(made, path)
    os.chmod(os.path.join(path, "model.safetensors"), 0o644)
    if onnx:
        export(path, model)
    files = ["model.safetensors"] + (["onnx/model.onnx"] if onnx else [])
    t = truth.of_sentence_transformer(path, name, kinds(files), mode if isinstance(mode, str) else "+".join(mode))
    truth.write(f"{path}.truth.json", t)
    return entry(
        t,
        "bert",
        files,
        "the folder as sentence-transformers 6.2 saves it" + ("" if onnx else ", pooling_mode a list"),
    )


def kinds(files: list[str]) -> list[str]:
    """What kinds of graph the files are: safetensors, onnx."""
    return [
        k for k, end in (("safetensors", ".safetensors"), ("onnx", ".onnx")) if any(f.endswith(end) for f in files)
    ]


PROMPTS = {
    "prompts": {"query": "search for: ", "document": "text: "},
    "default_prompt_name": "query",
    "similarity_fn_name": "dot",
}

MAKERS = {
    "bert-mean-l2": lambda out, n: build(out, n, leftovers=True, states=(0, 2), what=MEAN),
    "bert-cls": lambda out, n: build(out, n, "cls", what="first token, Normalize (as the bge models)"),
    "bert-max": lambda out, n: build(
        out,
        n,
        "max",
        ("Pooling",),
        onnx=False,
        what="maximum over tokens, not normalized; tensors are called bert.*, with heads left over",
        prefix="bert.",
    ),
    "bert-mean-sqrt-len": lambda out, n: build(
        out, n, "mean_sqrt_len_tokens", ("Pooling",), onnx=False, what="sum over the square root of the length"
    ),
    "bert-weightedmean": lambda out, n: build(
        out, n, "weightedmean", ("Pooling",), onnx=False, what="position-weighted mean (SGPT)"
    ),
    "bert-lasttoken": lambda out, n: build(out, n, "lasttoken", ("Pooling",), what="last token"),
    "bert-cls-mean-concat": lambda out, n: build(
        out,
        n,
        ("cls", "max", "mean"),
        onnx=False,
        what="three poolings: 96 numbers, in the order cls, max, mean whatever the order of the keys in the file",
    ),
    "bert-dense": lambda out, n: build(
        out, n, "mean", ("Pooling", "Dense", "Normalize"), what="Dense 32 to 48 with tanh, then Normalize"
    ),
    "bert-dense-identity-nobias": lambda out, n: build(
        out, n, "cls", ("Pooling", "Dense"), onnx=False, what="Dense 32 to 21 without bias or activation"
    ),
    "bert-layernorm": lambda out, n: build(
        out, n, "mean", ("Pooling", "LayerNorm"), onnx=False, what="the LayerNorm module"
    ),
    "bert-prompt": lambda out, n: build(
        out,
        n,
        "mean",
        ("Pooling", "Normalize"),
        st=PROMPTS,
        onnx=False,
        states=(0,),
        what="prompts, a default one, left out of the pooling; similarity dot",
    ),
    "bert-newformat": lambda out, n: new_format(out),
    "bert-newformat-concat": lambda out, n: new_format(out, n, ("mean", "cls"), onnx=False),
}
