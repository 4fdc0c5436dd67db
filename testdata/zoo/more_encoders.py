"""More encoder families, as safetensors (group "more").

CamemBERT, DeBERTa-v2, and three that came with code of their own."""

import torch

import references
import unigram
import wordpiece
from encoders import BERT, COMMON, FAIRSEQ
from textmodel import Files


def camembert(out, name):
    f = Files(out, name, "camembert")
    t = unigram.camembert()
    f.transformer(
        {
            **COMMON,
            "architectures": ["CamembertModel"],
            "model_type": "camembert",
            "bos_token_id": 5,
            "eos_token_id": 6,
            "pad_token_id": 1,
            "layer_norm_eps": 1e-5,
            "max_position_embeddings": 66,
            "type_vocab_size": 1,
            "position_embedding_type": "absolute",
            "vocab_size": t.get_vocab_size(),
        },
        prefix="roberta.",
    )
    f.tokenizer(
        t,
        {
            **FAIRSEQ,
            "model_max_length": 64,
            "tokenizer_class": "CamembertTokenizer",
            "additional_special_tokens": ["<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"],
        },
    )
    f.chain("mean", 32, steps=(), max_seq_length=64)
    return f.finish(
        "mean", "as sentence-camembert-base: Unigram with <s> at 5, positions from 2 on; tensors are called roberta.*"
    )


def deberta(out, name):
    f = Files(out, name, "deberta-v2")
    t = unigram.deberta_v2()
    f.transformer(
        {
            "attention_probs_dropout_prob": 0.1,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "hidden_size": 32,
            "initializer_range": 0.02,
            "intermediate_size": 37,
            "layer_norm_eps": 1e-7,
            "max_position_embeddings": 64,
            "max_relative_positions": -1,
            "model_type": "deberta-v2",
            "norm_rel_ebd": "layer_norm",
            "num_attention_heads": 4,
            "num_hidden_layers": 2,
            "pad_token_id": 0,
            "pooler_dropout": 0,
            "pooler_hidden_act": "gelu",
            "pooler_hidden_size": 32,
            "pos_att_type": "p2c|c2p",
            "position_biased_input": False,
            "position_buckets": 8,
            "relative_attention": True,
            "share_att_key": True,
            "type_vocab_size": 0,
            "vocab_size": t.get_vocab_size(),
        },
        prefix="deberta.",
        leftovers={"mask_predictions.LayerNorm.bias": torch.zeros(32)},
    )
    f.tokenizer(
        t,
        {
            **BERT,
            "bos_token": "[CLS]",
            "eos_token": "[SEP]",
            "do_lower_case": False,
            "model_max_length": 64,
            "split_by_punct": False,
            "vocab_type": "spm",
            "tokenizer_class": "DebertaV2Tokenizer",
        },
    )
    f.chain("mean", 32, max_seq_length=64)
    return f.finish(
        "mean", "as DeBERTa v3: content to position and back, 8 buckets, shared keys; tensors are called deberta.*"
    )


def nomic(out, name):
    """nomic-embed-text-v1.5 as it lies on the hub; n_inner is a multiple of 256, because its code rounds up to one."""
    f = Files(out, name, "nomic_bert")
    t = wordpiece.bert()
    config = {
        "activation_function": "swiglu",
        "architectures": ["NomicBertModel"],
        "attn_pdrop": 0.0,
        "auto_map": {
            "AutoConfig": "nomic-ai/nomic-bert-2048--configuration_hf_nomic_bert.NomicBertConfig",
            "AutoModel": "nomic-ai/nomic-bert-2048--modeling_hf_nomic_bert.NomicBertModel",
        },
        "bos_token_id": None,
        "causal": False,
        "dense_seq_output": True,
        "embd_pdrop": 0.0,
        "eos_token_id": None,
        "fused_bias_fc": True,
        "fused_dropout_add_ln": True,
        "initializer_range": 0.02,
        "layer_norm_epsilon": 1e-12,
        "max_trained_positions": 64,
        "mlp_fc1_bias": False,
        "mlp_fc2_bias": False,
        "model_type": "nomic_bert",
        "n_embd": 24,
        "n_head": 2,
        "n_inner": 256,
        "n_layer": 2,
        "n_positions": 64,
        "pad_vocab_size_multiple": 64,
        "parallel_block": False,
        "parallel_block_tied_norm": False,
        "prenorm": False,
        "qkv_proj_bias": False,
        "reorder_and_upcast_attn": False,
        "resid_pdrop": 0.0,
        "rotary_emb_base": 1000,
        "rotary_emb_fraction": 1.0,
        "rotary_emb_interleaved": False,
        "rotary_emb_scale_base": None,
        "rotary_scaling_factor": None,
        "scale_attn_by_inverse_layer_idx": False,
        "scale_attn_weights": True,
        "summary_activation": None,
        "summary_first_dropout": 0.0,
        "summary_proj_to_labels": True,
        "summary_type": "cls_index",
        "summary_use_proj": True,
        "torch_dtype": "float32",
        "transformers_version": "4.37.2",
        "type_vocab_size": 2,
        "use_cache": True,
        "use_flash_attn": True,
        "use_rms_norm": False,
        "use_xentropy": True,
        "vocab_size": 1024,
    }
    f.tokenizer(t, {**BERT, "do_lower_case": True, "model_max_length": 64, "tokenizer_class": "BertTokenizer"})
    f.chain("mean", 24, steps=(), max_seq_length=64)
    return references.finish(
        f,
        t,
        references.Nomic(config),
        config,
        "mean",
        "as nomic-embed-text-v1.5 on the hub: fused Wqkv, SwiGLU, RoPE; 1,024 rows for 1,001 tokens",
    )


def new(out, name):
    f = Files(out, name, "new")
    t = wordpiece.bert()
    config = {
        "architectures": ["NewModel"],
        "attention_probs_dropout_prob": 0.0,
        "auto_map": {
            "AutoConfig": "Alibaba-NLP/new-impl--configuration.NewConfig",
            "AutoModel": "Alibaba-NLP/new-impl--modeling.NewModel",
        },
        "classifier_dropout": None,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "hidden_size": 32,
        "initializer_range": 0.02,
        "intermediate_size": 37,
        "layer_norm_eps": 1e-12,
        "layer_norm_type": "layer_norm",
        "logn_attention_clip1": False,
        "logn_attention_scale": False,
        "max_position_embeddings": 64,
        "model_type": "new",
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "pack_qkv": True,
        "pad_token_id": 0,
        "position_embedding_type": "rope",
        "rope_scaling": {"factor": 2.0, "type": "ntk"},
        "rope_theta": 500000,
        "torch_dtype": "float16",
        "transformers_version": "4.39.1",
        "type_vocab_size": 0,
        "unpad_inputs": False,
        "use_memory_efficient_attention": False,
        "vocab_size": t.get_vocab_size(),
    }
    f.tokenizer(t, {**BERT, "do_lower_case": True, "model_max_length": 64, "tokenizer_class": "BertTokenizer"})
    f.chain("cls", 32, steps=(), max_seq_length=64)
    return references.finish(
        f,
        t,
        references.New(config),
        config,
        "cls",
        "as gte-base-en-v1.5: packed qkv, gated MLP, RoPE with ntk scaling, float16",
        dtype=torch.float16,
        prefix="new.",
    )


def jina(out, name):
    """jina-embeddings-v2: BERT's names and model_type, with ALiBi and GLU; with six heads, the odd case of slopes."""
    f = Files(out, name, "jina_bert")
    t = wordpiece.bert()
    config = {
        "_name_or_path": "jinaai/jina-bert-implementation",
        "architectures": ["JinaBertForMaskedLM"],
        "attention_probs_dropout_prob": 0.0,
        "attn_implementation": "torch",
        "auto_map": {
            "AutoConfig": "jinaai/jina-bert-implementation--configuration_bert.JinaBertConfig",
            "AutoModel": "jinaai/jina-bert-implementation--modeling_bert.JinaBertModel",
        },
        "classifier_dropout": None,
        "emb_pooler": "mean",
        "feed_forward_type": "geglu",
        "gradient_checkpointing": False,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "hidden_size": 30,
        "initializer_range": 0.02,
        "intermediate_size": 37,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": 64,
        "model_max_length": 64,
        "model_type": "bert",
        "num_attention_heads": 6,
        "num_hidden_layers": 2,
        "pad_token_id": 0,
        "position_embedding_type": "alibi",
        "torch_dtype": "float16",
        "transformers_version": "4.26.0",
        "type_vocab_size": 2,
        "use_cache": True,
        "vocab_size": t.get_vocab_size(),
    }
    f.tokenizer(t, {**BERT, "do_lower_case": True, "model_max_length": 64, "tokenizer_class": "BertTokenizer"})
    f.chain("mean", 30, steps=(), max_seq_length=64)
    return references.finish(
        f,
        t,
        references.Jina(config),
        config,
        "mean",
        "as jina-embeddings-v2: model_type bert with ALiBi (six heads) and GEGLU, float16",
        dtype=torch.float16,
    )


MAKERS = {"camembert": camembert, "deberta-v2": deberta, "nomic_bert": nomic, "gte-new": new, "jina_bert": jina}
