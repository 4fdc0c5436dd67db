"""More decoder families and SigLIP, as safetensors (group "more")."""

import numpy as np
import torch
from transformers import SiglipImageProcessorPil, SiglipModel

import bpe
import truth
import twotowers
import unigram
from decoders import QWEN_TOKENS
from folder import write_json
from textmodel import Files, entry

IDENTITY = "torch.nn.modules.linear.Identity"


def decoder(vocab: int, model_type: str, **change) -> dict:
    return {
        "attention_dropout": 0.0,
        "hidden_act": "silu",
        "hidden_size": 32,
        "initializer_range": 0.02,
        "intermediate_size": 37,
        "max_position_embeddings": 64,
        "model_type": model_type,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-6,
        "rope_theta": 10000.0,
        "tie_word_embeddings": False,
        "transformers_version": "4.41.2",
        "use_cache": True,
        "vocab_size": vocab,
        **change,
    }


def qwen2(out, name):
    f = Files(out, name, "qwen2")
    t = bpe.qwen()
    f.transformer(
        decoder(
            t.get_vocab_size(),
            "qwen2",
            architectures=["Qwen2ForCausalLM"],
            bos_token_id=996,
            eos_token_id=996,
            max_window_layers=2,
            rope_theta=1000000.0,
            sliding_window=64,
            use_sliding_window=False,
            torch_dtype="float32",
        ),
        prefix="model.",
        leftovers={"lm_head.weight": torch.zeros(t.get_vocab_size(), 32)[:3]},
    )
    f.tokenizer(t, {**QWEN_TOKENS, "eos_token": "<|endoftext|>"})
    f.chain("weightedmean", 32, steps=())
    return f.finish(
        "weightedmean",
        "a causal LM with biased q, k, v, position-weighted mean; tensors are called model.*, lm_head left over",
    )


def mistral(out, name):
    f = Files(out, name, "mistral")
    t = bpe.mistral()
    f.transformer(
        decoder(
            t.get_vocab_size(),
            "mistral",
            architectures=["MistralModel"],
            bos_token_id=1,
            eos_token_id=2,
            rms_norm_eps=1e-5,
            sliding_window=12,
            torch_dtype="float16",
        ),
        dtype=torch.float16,
    )
    f.tokenizer(
        t,
        {
            "add_bos_token": True,
            "add_eos_token": True,
            "bos_token": "<s>",
            "clean_up_tokenization_spaces": False,
            "eos_token": "</s>",
            "legacy": True,
            "model_max_length": 64,
            "pad_token": "</s>",
            "padding_side": "left",
            "tokenizer_class": "LlamaTokenizer",
            "unk_token": "<unk>",
            "use_default_system_prompt": False,
        },
    )
    f.chain(
        "lasttoken", 32, max_seq_length=64, st={"prompts": {"web_search_query": "Instruct: find passages\nQuery: "}}
    )
    return f.finish("lasttoken", "as e5-mistral: float16, a window of 12 tokens, </s> last")


def llama(out, name):
    f = Files(out, name, "llama")
    t = bpe.llama3()
    scaling = {
        "factor": 4.0,
        "high_freq_factor": 4.0,
        "low_freq_factor": 1.0,
        "original_max_position_embeddings": 16,
        "rope_type": "llama3",
    }
    f.transformer(
        decoder(
            t.get_vocab_size(),
            "llama",
            architectures=["LlamaModel"],
            attention_bias=False,
            bos_token_id=994,
            eos_token_id=995,
            head_dim=8,
            mlp_bias=False,
            pretraining_tp=1,
            rms_norm_eps=1e-5,
            rope_scaling=scaling,
            rope_theta=500000.0,
            torch_dtype="bfloat16",
        ),
        dtype=torch.bfloat16,
        shards=3,
    )
    f.tokenizer(
        t,
        {
            "bos_token": "<|begin_of_text|>",
            "clean_up_tokenization_spaces": True,
            "eos_token": "<|end_of_text|>",
            "model_input_names": ["input_ids", "attention_mask"],
            "model_max_length": 64,
            "pad_token": "<|end_of_text|>",
            "padding_side": "right",
            "tokenizer_class": "PreTrainedTokenizerFast",
        },
    )
    f.chain("mean", 32)
    return f.finish(
        "mean", "Llama 3 with its RoPE scaling, bfloat16, in three shards with model.safetensors.index.json"
    )


def gemma(out, name):
    f = Files(out, name, "gemma")
    t = bpe.gemma()
    f.transformer(
        decoder(
            t.get_vocab_size(),
            "gemma",
            architectures=["GemmaModel"],
            attention_bias=False,
            bos_token_id=2,
            eos_token_id=1,
            head_dim=10,
            hidden_act="gelu_pytorch_tanh",
            hidden_activation=None,
            num_key_value_heads=1,
            pad_token_id=0,
            tie_word_embeddings=True,
            torch_dtype="bfloat16",
        ),
        dtype=torch.bfloat16,
        zero_centred_norms=True,
    )
    f.tokenizer(
        t,
        {
            "add_bos_token": True,
            "add_eos_token": False,
            "bos_token": "<bos>",
            "eos_token": "<eos>",
            "model_max_length": 64,
            "pad_token": "<pad>",
            "tokenizer_class": "GemmaTokenizer",
            "unk_token": "<unk>",
        },
    )
    f.chain("mean", 32)
    return f.finish("mean", "Gemma: embeddings times sqrt(32), norms of 1 + weight, one key-value head, bfloat16")


def gemma3(out, name):
    f = Files(out, name, "gemma3_text")
    t = bpe.gemma(end=True)
    config = {
        "_sliding_window_pattern": 6,
        "architectures": ["Gemma3TextModel"],
        "attention_bias": False,
        "attention_dropout": 0.0,
        "attn_logit_softcapping": None,
        "bos_token_id": 2,
        "dtype": "bfloat16",
        "eos_token_id": 1,
        "final_logit_softcapping": None,
        "head_dim": 12,
        "hidden_activation": "gelu_pytorch_tanh",
        "hidden_size": 33,
        "initializer_range": 0.02,
        "intermediate_size": 37,
        "layer_types": ["sliding_attention", "sliding_attention", "full_attention"],
        "max_position_embeddings": 64,
        "model_type": "gemma3_text",
        "num_attention_heads": 3,
        "num_hidden_layers": 3,
        "num_key_value_heads": 1,
        "pad_token_id": 0,
        "query_pre_attn_scalar": 20,
        "rms_norm_eps": 1e-6,
        "rope_local_base_freq": 10000.0,
        "rope_scaling": None,
        "rope_theta": 1000000.0,
        "sliding_window": 10,
        "transformers_version": "4.57.0.dev0",
        "use_bidirectional_attention": True,
        "use_cache": True,
        "vocab_size": t.get_vocab_size(),
    }
    f.transformer(config, dtype=torch.bfloat16, zero_centred_norms=True)
    f.tokenizer(
        t,
        {
            "add_bos_token": True,
            "add_eos_token": True,
            "bos_token": "<bos>",
            "eos_token": "<eos>",
            "mask_token": "<mask>",
            "model_max_length": 64,
            "pad_token": "<pad>",
            "padding_side": "right",
            "tokenizer_class": "GemmaTokenizer",
            "unk_token": "<unk>",
        },
    )
    prompts = {"query": "task: search result | query: ", "document": "title: none | text: "}
    f.chain(
        "mean",
        33,
        ("Dense", "Dense", "Normalize"),
        dense=[(50, False, IDENTITY), (33, False, IDENTITY)],
        max_seq_length=64,
        st={"prompts": prompts},
    )
    return f.finish(
        "mean",
        "as EmbeddingGemma: attention both ways, windows of 5 either side in two of three layers, two Dense, bfloat16",
    )


def siglip(out, name):
    f = Files(out, name, "siglip")
    t = unigram.siglip()
    tower = {
        "attention_dropout": 0.0,
        "hidden_act": "gelu_pytorch_tanh",
        "layer_norm_eps": 1e-6,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
    }
    f.transformer(
        {
            "architectures": ["SiglipModel"],
            "initializer_factor": 1.0,
            "model_type": "siglip",
            "torch_dtype": "float32",
            "text_config": {
                **tower,
                "hidden_size": 32,
                "intermediate_size": 37,
                "max_position_embeddings": 40,
                "model_type": "siglip_text_model",
                "vocab_size": t.get_vocab_size(),
            },
            "transformers_version": "4.37.0.dev0",
            "vision_config": {
                **tower,
                "hidden_size": 32,
                "image_size": twotowers.SIZE,
                "intermediate_size": 37,
                "model_type": "siglip_vision_model",
                "patch_size": 10,
            },
        },
        cls=SiglipModel,
    )
    f.tokenizer(
        t,
        {
            "do_lower_case": True,
            "eos_token": "</s>",
            "model_input_names": ["input_ids"],
            "model_max_length": 40,
            "pad_token": "</s>",
            "tokenizer_class": "PreTrainedTokenizerFast",
            "unk_token": "<unk>",
        },
    )
    write_json(
        f.at("preprocessor_config.json"),
        {
            "do_normalize": True,
            "do_rescale": True,
            "do_resize": True,
            "image_mean": [0.5, 0.5, 0.5],
            "image_processor_type": "SiglipImageProcessor",
            "image_std": [0.5, 0.5, 0.5],
            "processor_class": "SiglipProcessor",
            "resample": 3,
            "rescale_factor": 1 / 255,
            "size": {"height": twotowers.SIZE, "width": twotowers.SIZE},
        },
    )
    processor = SiglipImageProcessorPil.from_pretrained(f.path)
    pixels = twotowers.pixels_of(out, f, lambda p: processor(p, return_tensors="np")["pixel_values"][0])
    rows = twotowers.alone(t, truth.TEXTS, 40)
    full = torch.tensor([r + [1] * (40 - len(r)) for r in rows])  # always padded to the end, and nothing is masked
    with torch.no_grad():
        each = np.concatenate([f.model.text_model(input_ids=r[None]).pooler_output.numpy() for r in full])
        truth.same(each, f.model.text_model(input_ids=full).pooler_output, "alone and in a batch")
        seen = np.concatenate(
            [f.model.vision_model(pixel_values=torch.from_numpy(p[None])).pooler_output.numpy() for p in pixels]
        )
    result = {
        "model": name,
        "library": truth.LIBRARY.split(" / ")[1],
        "pooling": "in_graph",
        "normalization": "none",
        "dimension": 32,
        "max_sequence_length": 40,
        "dtype": "float32",
        "artifacts": ["safetensors"],
        "note": "embeddings are the text tower's pooler_output, image_embeds the vision tower's; neither is normalized. "
        "Texts are padded with </s> (1) to 40 tokens and nothing is masked: the vector is read at the last of the 40.",
        "padded_to": 40,
        "texts": truth.TEXTS,
        "input_ids": rows,
        "embeddings": truth.numbers(each),
        **twotowers.vision_truth(f, pixels, seen),
    }
    truth.write(f"{f.path}.truth.json", result)
    return entry(
        result,
        "siglip",
        f.artifacts,
        "as siglip-base: texts padded to the end without a mask, attention pooling of patches",
        modality="multimodal",
    )


MAKERS = {"qwen2": qwen2, "mistral": mistral, "llama": llama, "gemma": gemma, "gemma3_text": gemma3, "siglip": siglip}
