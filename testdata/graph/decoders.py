"""The families of decoders, run for their token states."""

import torch
import transformers as t

from encoders import VOCAB, dump, text

SMALL = dict(vocab_size=VOCAB, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24,
             max_position_embeddings=32)
MODELS = []


def register(make):
    MODELS.append(make)
    return make


def old_rope(config, **change):
    """config.json with the spelling of transformers 4: rope_theta and rope_scaling instead of rope_parameters."""
    return dump(config, drop=("rope_parameters", "layer_types"), **change)


@register
def llama():
    config = t.LlamaConfig(**SMALL, num_key_value_heads=2, rope_parameters={"rope_type": "default", "rope_theta": 500.0})
    text("llama", t.LlamaModel(config), 32, False, seed=31, rename=lambda k: "model." + k)


@register
def llama_bias():
    config = t.LlamaConfig(**SMALL, attention_bias=True, mlp_bias=True, head_dim=6, is_causal=False)
    text("llama-bias", t.LlamaModel(config), 32, False, seed=32)


def scaled(name, seed, scaling, longest=32):
    config = t.LlamaConfig(**SMALL, rope_parameters=scaling | {"rope_theta": 50.0}, tie_word_embeddings=True)
    old = old_rope(config, rope_theta=50.0, rope_scaling=scaling)
    text(name, t.LlamaModel(config), longest, False, seed=seed, config=old)


@register
def llama_linear():
    scaled("llama-linear", 33, {"rope_type": "linear", "factor": 4.0})


@register
def llama_llama3():
    scaled("llama-llama3", 34, {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                                "original_max_position_embeddings": 24})


@register
def llama_yarn():
    scaled("llama-yarn", 35, {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 24,
                              "beta_fast": 4.0, "beta_slow": 0.5})


@register
def mistral():
    config = t.MistralConfig(**SMALL, num_key_value_heads=2, sliding_window=3)
    text("mistral", t.MistralModel(config), 32, False, seed=36)


@register
def mistral_full():
    config = t.MistralConfig(**SMALL, num_key_value_heads=4, sliding_window=None)
    old = old_rope(config, rope_theta=10000.0, sliding_window=None)
    text("mistral-full", t.MistralModel(config), 32, False, seed=37, config=old, dtype=torch.bfloat16)


@register
def qwen2():
    config = t.Qwen2Config(**SMALL, num_key_value_heads=2, use_sliding_window=True, sliding_window=4, max_window_layers=1)
    text("qwen2", t.Qwen2Model(config), 32, False, seed=38, rename=lambda k: "model." + k)


@register
def qwen3():
    config = t.Qwen3Config(**SMALL, num_key_value_heads=2, head_dim=8)
    text("qwen3", t.Qwen3Model(config), 32, False, seed=39)


@register
def gemma():
    config = t.GemmaConfig(**SMALL, num_key_value_heads=1, head_dim=8)
    text("gemma", t.GemmaModel(config), 32, False, seed=40)


GEMMA3 = SMALL | dict(num_hidden_layers=3, num_key_value_heads=2, head_dim=8, query_pre_attn_scalar=24, sliding_window=5,
                      layer_types=["sliding_attention", "full_attention", "sliding_attention"])


@register
def gemma3_text():
    text("gemma3_text", t.Gemma3TextModel(t.Gemma3TextConfig(**GEMMA3)), 32, False, seed=41)


@register
def gemma3_bidirectional():
    """As EmbeddingGemma is, in the spelling of transformers 4."""
    config = t.Gemma3TextConfig(**GEMMA3, use_bidirectional_attention=True)
    old = dump(config, drop=("rope_parameters",), rope_theta=1e6, rope_local_base_freq=1e4, sliding_window=5)
    text("gemma3-bidirectional", t.Gemma3TextModel(config), 32, False, seed=42, config=old)
