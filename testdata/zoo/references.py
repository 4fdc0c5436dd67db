"""Forward passes in plain PyTorch for the families whose code is on the hub next to the weights, not in transformers.

They are written from the published definitions: Nomic BERT (Nussbaum et al. 2024, "Nomic Embed"), GTE's "new" (Zhang
et al. 2024, "mGTE"; NTK-aware RoPE with a fixed factor), JinaBERT (Guenther et al. 2023, "Jina Embeddings 2"; Press
et al. 2022, ALiBi). transformers 5 has classes of its own for the first two, under other names; they must agree with
what is here.
"""

import math

import numpy as np
import torch
import transformers
from torch import nn
from torch.nn import functional as F

import folder
import truth
import weights
from textmodel import Files, entry


def rotate(x: torch.Tensor, frequencies: torch.Tensor) -> torch.Tensor:
    """RoPE on batch x heads x sequence x width, halves turned against each other; positions count from zero."""
    angles = torch.outer(torch.arange(x.shape[2], dtype=torch.float32), frequencies)
    cos, sin = torch.cat([angles.cos()] * 2, -1), torch.cat([angles.sin()] * 2, -1)
    first, second = x.chunk(2, -1)
    return x * cos + torch.cat([-second, first], -1) * sin


def attend(q, k, v, mask, heads: int, bias=None, frequencies=None) -> torch.Tensor:
    """Softmax attention over batch x sequence x hidden; mask is batch x sequence, bias heads x sequence x sequence."""
    q, k, v = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (q, k, v))
    if frequencies is not None:
        q, k = rotate(q, frequencies), rotate(k, frequencies)
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    if bias is not None:
        scores = scores + bias
    scores = scores.masked_fill(mask[:, None, None] == 0, torch.finfo(torch.float32).min)
    return (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)


class Module(nn.Module):
    """A module of the parts given by name, so that tensors are called as they are in the files."""

    def __init__(self, /, **parts):
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)


class Nomic(nn.Module):
    def __init__(self, c):
        super().__init__()
        d, inner = c["n_embd"], c["n_inner"]
        norm = lambda: nn.LayerNorm(d, c["layer_norm_epsilon"])  # noqa: E731
        linear = lambda a, b: nn.Linear(a, b, bias=False)  # noqa: E731
        self.embeddings = Module(
            word_embeddings=nn.Embedding(c["vocab_size"], d),
            token_type_embeddings=nn.Embedding(c["type_vocab_size"], d),
        )
        self.emb_ln = norm()
        self.encoder = Module(
            layers=nn.ModuleList(
                Module(
                    attn=Module(Wqkv=linear(d, 3 * d), out_proj=linear(d, d)),
                    mlp=Module(fc11=linear(d, inner), fc12=linear(d, inner), fc2=linear(inner, d)),
                    norm1=norm(),
                    norm2=norm(),
                )
                for _ in range(c["n_layer"])
            )
        )
        self.heads, width = c["n_head"], d // c["n_head"]
        self.frequencies = 1.0 / c["rotary_emb_base"] ** (torch.arange(0, width, 2).float() / width)

    def forward(self, ids, mask):
        x = self.emb_ln(self.embeddings.word_embeddings(ids) + self.embeddings.token_type_embeddings.weight[0])
        for layer in self.encoder.layers:
            q, k, v = layer.attn.Wqkv(x).chunk(3, -1)
            x = layer.norm1(x + layer.attn.out_proj(attend(q, k, v, mask, self.heads, frequencies=self.frequencies)))
            x = layer.norm2(x + layer.mlp.fc2(layer.mlp.fc11(x) * F.silu(layer.mlp.fc12(x))))
        return x

    def twin(self, c):
        """transformers' own class with the same weights."""
        config = transformers.NomicBertConfig(
            vocab_size=c["vocab_size"],
            hidden_size=c["n_embd"],
            num_hidden_layers=c["n_layer"],
            num_attention_heads=c["n_head"],
            intermediate_size=c["n_inner"],
            max_position_embeddings=c["n_positions"],
            rope_parameters={"rope_type": "default", "rope_theta": float(c["rotary_emb_base"])},
        )
        state = {}
        for key, value in self.state_dict().items():
            for old, other in (
                ("encoder.layers", "layers"),
                ("emb_ln", "embeddings.LayerNorm"),
                ("attn.out_proj", "self_attn.o_proj"),
                ("fc11", "up_proj"),
                ("fc12", "gate_proj"),
                ("fc2", "down_proj"),
                ("norm1", "post_attention_layernorm"),
                ("norm2", "post_mlp_layernorm"),
            ):
                key = key.replace(old, other)
            if "Wqkv" in key:
                for part, piece in zip("qkv", value.chunk(3)):
                    state[key.replace("attn.Wqkv", f"self_attn.{part}_proj")] = piece
            else:
                state[key] = value
        return same_weights(transformers.NomicBertModel(config, add_pooling_layer=False), state)


class New(nn.Module):
    def __init__(self, c):
        super().__init__()
        d, inner = c["hidden_size"], c["intermediate_size"]
        norm = lambda: nn.LayerNorm(d, c["layer_norm_eps"])  # noqa: E731
        self.embeddings = Module(word_embeddings=nn.Embedding(c["vocab_size"], d), LayerNorm=norm())
        self.encoder = Module(
            layer=nn.ModuleList(
                Module(
                    attention=Module(qkv_proj=nn.Linear(d, 3 * d), o_proj=nn.Linear(d, d)),
                    mlp=Module(up_gate_proj=nn.Linear(d, 2 * inner, bias=False), down_proj=nn.Linear(inner, d)),
                    attn_ln=norm(),
                    mlp_ln=norm(),
                )
                for _ in range(c["num_hidden_layers"])
            )
        )
        self.heads, width = c["num_attention_heads"], d // c["num_attention_heads"]
        factor = c["rope_scaling"]["factor"]
        base = c["rope_theta"] * factor
        self.frequencies = 1.0 / base ** (torch.arange(0, width, 2).float() / width) / factor ** (2 / width)

    def forward(self, ids, mask):
        x = self.embeddings.LayerNorm(self.embeddings.word_embeddings(ids))
        for layer in self.encoder.layer:
            q, k, v = layer.attention.qkv_proj(x).chunk(3, -1)
            x = layer.attn_ln(
                x + layer.attention.o_proj(attend(q, k, v, mask, self.heads, frequencies=self.frequencies))
            )
            up, gate = layer.mlp.up_gate_proj(x).chunk(2, -1)
            x = layer.mlp_ln(x + layer.mlp.down_proj(F.gelu(gate) * up))
        return x

    def twin(self, c):
        """transformers' own class; it knows no ntk scaling, so it is given the frequencies."""
        config = transformers.GteConfig(
            vocab_size=c["vocab_size"],
            hidden_size=c["hidden_size"],
            num_hidden_layers=c["num_hidden_layers"],
            pad_token_id=0,
            num_attention_heads=c["num_attention_heads"],
            intermediate_size=c["intermediate_size"],
            type_vocab_size=0,
            max_position_embeddings=c["max_position_embeddings"],
        )
        state = {}
        for key, value in self.state_dict().items():
            key = key.replace("encoder.layer", "layers").replace("attention.o_proj", "self_attn.o_proj")
            key = key.replace("attn_ln", "post_attention_layernorm").replace("mlp_ln", "post_mlp_layernorm")
            if "qkv_proj" in key:
                for part, piece in zip("qkv", value.chunk(3)):
                    state[key.replace("attention.qkv_proj", f"self_attn.{part}_proj")] = piece
            elif "up_gate_proj" in key:
                for part, piece in zip(("up_proj", "gate_proj"), value.chunk(2)):
                    state[key.replace("up_gate_proj", part)] = piece
            else:
                state[key] = value
        model = same_weights(transformers.GteModel(config), state)
        model.rotary_emb.inv_freq.copy_(self.frequencies)
        return model


def slopes(heads: int) -> list[float]:
    """ALiBi's slopes; where the number of heads is no power of two, every other one of the next power fills up."""
    if math.log2(heads).is_integer():
        first = 2.0 ** (-8.0 / heads)
        return [first ** (i + 1) for i in range(heads)]
    below = 2 ** math.floor(math.log2(heads))
    return slopes(below) + slopes(2 * below)[0::2][: heads - below]


class Jina(nn.Module):
    def __init__(self, c):
        super().__init__()
        d, inner = c["hidden_size"], c["intermediate_size"]
        norm = lambda: nn.LayerNorm(d, c["layer_norm_eps"])  # noqa: E731
        self.embeddings = Module(
            word_embeddings=nn.Embedding(c["vocab_size"], d),
            LayerNorm=norm(),
            token_type_embeddings=nn.Embedding(c["type_vocab_size"], d),
        )
        self.encoder = Module(
            layer=nn.ModuleList(
                Module(
                    attention=Module(
                        self=Module(query=nn.Linear(d, d), key=nn.Linear(d, d), value=nn.Linear(d, d)),
                        output=Module(dense=nn.Linear(d, d), LayerNorm=norm()),
                    ),
                    mlp=Module(
                        gated_layers=nn.Linear(d, 2 * inner, bias=False), wo=nn.Linear(inner, d), layernorm=norm()
                    ),
                )
                for _ in range(c["num_hidden_layers"])
            )
        )
        self.heads = c["num_attention_heads"]

    def forward(self, ids, mask):
        x = self.embeddings.LayerNorm(
            self.embeddings.word_embeddings(ids) + self.embeddings.token_type_embeddings.weight[0]
        )
        places = torch.arange(ids.shape[1])
        bias = -torch.tensor(slopes(self.heads))[:, None, None] * (places[:, None] - places).abs()
        for layer in self.encoder.layer:
            own, out = getattr(layer.attention, "self"), layer.attention.output
            x = out.LayerNorm(x + out.dense(attend(own.query(x), own.key(x), own.value(x), mask, self.heads, bias)))
            gate, up = layer.mlp.gated_layers(x).chunk(2, -1)
            x = layer.mlp.layernorm(x + layer.mlp.wo(F.gelu(gate) * up))
        return x


def same_weights(model: nn.Module, state: dict) -> nn.Module:
    model.load_state_dict(state, strict=True)
    return model.eval()


def finish(f: Files, t, model, config: dict, pooling: str, what: str, dtype=None, prefix: str = "") -> dict:
    """Writes weights, config and truth of a reference model, after comparing it with transformers' own class."""
    weights.fill(model, f.name)
    for p in model.parameters():
        p.data = p.data.to(dtype or torch.float32).float()  # the truth computes in float32 on the weights as stored
    folder.write_json(f.at("config.json"), config)
    folder.save_weights(f.at("model.safetensors"), {prefix + k: v for k, v in model.state_dict().items()}, dtype)
    t.no_padding()
    t.enable_truncation(64)
    rows = [t.encode(x).ids for x in truth.TEXTS]
    longest = max(map(len, rows))
    ids = torch.tensor([r + [0] * (longest - len(r)) for r in rows])
    mask = torch.tensor([[1] * len(r) + [0] * (longest - len(r)) for r in rows])
    with torch.no_grad():
        states = [model(torch.tensor([r]), torch.ones(1, len(r)))[0] for r in rows]
        vectors = np.stack([(s[0] if pooling == "cls" else s.mean(0)).numpy() for s in states])
        batch = model(ids, mask)
        truth.same(
            np.concatenate([s.numpy() for s in states]), batch[mask == 1].numpy(), f"{f.name}: alone and in a batch"
        )
        if hasattr(model, "twin"):
            other = model.twin(config)(input_ids=ids, attention_mask=mask).last_hidden_state
            truth.same(
                batch[mask == 1].numpy(), other[mask == 1].numpy(), f"{f.name}: plain PyTorch and transformers", 1e-5
            )
    result = {
        "model": f.name,
        "library": f"PyTorch {torch.__version__.split('+')[0]}, testdata/zoo/references.py",
        "pooling": pooling,
        "normalization": truth.normalization(vectors),
        "dimension": vectors.shape[1],
        "max_sequence_length": 64,
        "dtype": str(dtype or torch.float32).removeprefix("torch."),
        "artifacts": ["safetensors"],
        "texts": truth.TEXTS,
        "input_ids": rows,
        "embeddings": truth.numbers(vectors),
    }
    truth.write(f"{f.path}.truth.json", result)
    return entry(result, f.family, ["model.safetensors"], what)
