"""Decoders used as embedding models, and T5's encoder (group "families")."""

import numpy as np
import torch
from transformers import T5EncoderModel
from transformers.cache_utils import DynamicCache

import bpe
import onnx_files
import unigram
from textmodel import Files

QUERY = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
QWEN_TOKENS = {
    "add_prefix_space": False,
    "bos_token": None,
    "clean_up_tokenization_spaces": False,
    "eos_token": "<|im_end|>",
    "errors": "replace",
    "model_max_length": 64,
    "pad_token": "<|endoftext|>",
    "padding_side": "left",
    "split_special_tokens": False,
    "tokenizer_class": "Qwen2Tokenizer",
    "unk_token": None,
}


def qwen3_config(vocab: int) -> dict:
    return {
        "architectures": ["Qwen3ForCausalLM"],
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": vocab - 3,
        "eos_token_id": vocab - 3,
        "head_dim": 10,
        "hidden_act": "silu",
        "hidden_size": 32,
        "initializer_range": 0.02,
        "intermediate_size": 37,
        "max_position_embeddings": 64,
        "max_window_layers": 2,
        "model_type": "qwen3",
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-6,
        "rope_scaling": None,
        "rope_theta": 1000000,
        "sliding_window": None,
        "tie_word_embeddings": True,
        "torch_dtype": "float32",
        "transformers_version": "4.51.3",
        "use_cache": True,
        "use_sliding_window": False,
        "vocab_size": vocab,
    }


class WithPast(torch.nn.Module):
    """A decoder that takes a key-value cache and returns it longer, as onnx-community exports Qwen3-Embedding."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, position_ids, *past):
        cache = DynamicCache()
        for layer in range(len(past) // 2):
            cache.update(past[2 * layer], past[2 * layer + 1], layer)
        out = self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=cache,
            use_cache=True,
        )
        return (
            out.last_hidden_state,
            *(t for layer in out.past_key_values.layers for t in (layer.keys, layer.values)),
        )


def export_with_past(f: Files, layers: int, heads: int, width: int) -> None:
    names = [f"{i}.{kind}" for i in range(layers) for kind in ("key", "value")]
    inputs = ["input_ids", "attention_mask", "position_ids", *(f"past_key_values.{n}" for n in names)]
    outputs = ["last_hidden_state", *(f"present.{n}" for n in names)]
    ids = torch.ones(2, 5, dtype=torch.long)
    mask = torch.ones(2, 8, dtype=torch.long)
    mask[0, :2] = 0
    example = (ids, mask, torch.arange(3, 8).expand(2, 5).clone(), *(torch.zeros(2, heads, 3, width) for _ in names))
    both = {0: "batch_size", 1: "sequence_length"}
    axes = {
        "input_ids": both,
        "position_ids": both,
        "attention_mask": {0: "batch_size", 1: "total_sequence_length"},
        "last_hidden_state": both,
    }
    axes.update({f"past_key_values.{n}": {0: "batch_size", 2: "past_sequence_length"} for n in names})
    axes.update({f"present.{n}": {0: "batch_size", 2: "total_sequence_length"} for n in names})
    file = "onnx/model.onnx"
    onnx_files.export(WithPast(f.model), f.at(file), inputs, outputs, example, axes)
    empty = np.zeros((2, heads, 0, width), np.float32)
    feed = {
        "input_ids": np.array([[7] * 4 + list(range(5, 12)), list(range(20, 31))]),
        "attention_mask": np.ones((2, 11), np.int64),
    }
    feed["attention_mask"][0, :4] = 0
    feed["position_ids"] = np.maximum(feed["attention_mask"].cumsum(1) - 1, 0)
    got = onnx_files.session(f.at(file)).run(["last_hidden_state"], {**feed, **{n: empty for n in inputs[3:]}})[0]
    with torch.no_grad():
        want = f.model(**{k: torch.from_numpy(v) for k, v in feed.items()}).last_hidden_state.numpy()
    assert np.abs(got - want)[feed["attention_mask"] == 1].max() < 2e-5
    f.artifacts.append(file)


def qwen3(out, name, past=False):
    f = Files(out, name, "qwen3")
    t = bpe.qwen()
    f.transformer(qwen3_config(t.get_vocab_size()))
    f.tokenizer(t, QWEN_TOKENS)
    f.chain("lasttoken", 32, st={"prompts": {"query": QUERY, "document": ""}})
    if past:
        export_with_past(f, 2, 2, 10)
        return f.finish(
            "lasttoken",
            "as onnx-community has Qwen3-Embedding: the graph wants position_ids and empty past_key_values",
        )
    f.onnx(("input_ids", "attention_mask", "position_ids"), side="left", pad=t.token_to_id("<|endoftext|>"))
    return f.finish(
        "lasttoken",
        "as Qwen3-Embedding: left padding, last token, head_dim 10 of 32/4, the graph wants position_ids",
        states=(0,),
    )


def t5(out, name, gated=False):
    f = Files(out, name, "t5")
    t = unigram.t5()
    config = {
        "architectures": ["T5EncoderModel"],
        "d_ff": 37,
        "d_kv": 7,
        "d_model": 32,
        "decoder_start_token_id": 0,
        "dropout_rate": 0.1,
        "eos_token_id": 1,
        "feed_forward_proj": "gated-gelu" if gated else "relu",
        "initializer_factor": 1.0,
        "is_encoder_decoder": True,
        "layer_norm_epsilon": 1e-6,
        "model_type": "t5",
        "n_positions": 512,
        "num_decoder_layers": 2,
        "num_heads": 4,
        "num_layers": 2,
        "output_past": True,
        "pad_token_id": 0,
        "relative_attention_max_distance": 40,
        "relative_attention_num_buckets": 16,
        "tie_word_embeddings": not gated,
        "transformers_version": "4.12.0",
        "use_cache": True,
        "vocab_size": t.get_vocab_size(),
    }
    f.transformer(config, cls=T5EncoderModel)
    f.tokenizer(
        t,
        {
            "additional_special_tokens": [f"<extra_id_{i}>" for i in range(5)],
            "eos_token": "</s>",
            "extra_ids": 5,
            "model_max_length": 64,
            "pad_token": "<pad>",
            "tokenizer_class": "T5Tokenizer",
            "unk_token": "<unk>",
        },
    )
    if gated:
        f.chain("mean", 32, max_seq_length=64)
        return f.finish("mean", "T5 1.1's gated GELU, as in the instructor and flan models")
    f.chain(
        "mean", 32, ("Dense", "Normalize"), max_seq_length=60, dense=[(31, False, "torch.nn.modules.linear.Identity")]
    )
    f.onnx()
    return f.finish(
        "mean",
        "as sentence-t5: encoder with relative position buckets, Dense 32 to 31 without bias, Normalize",
        states=(0,),
    )


MAKERS = {
    "qwen3": qwen3,
    "qwen3-past": lambda out, n: qwen3(out, n, past=True),
    "t5": t5,
    "t5-gated": lambda out, n: t5(out, n, gated=True),
}
