"""Encoder families (group "families"): each as the best-known embedding model of the family lies on disk."""

import bpe
import unigram
import wordpiece
from textmodel import Files

COMMON = {
    "attention_probs_dropout_prob": 0.1,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "hidden_size": 32,
    "initializer_range": 0.02,
    "intermediate_size": 37,
    "layer_norm_eps": 1e-12,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "transformers_version": "4.41.2",
}
FAIRSEQ = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "cls_token": "<s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "mask_token": "<mask>",
}
BERT = {
    "unk_token": "[UNK]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
}


def mpnet(out, name):
    f = Files(out, name, "mpnet")
    t = wordpiece.bert(1011, specials=("<s>", "<pad>", "</s>", "<unk>", "[UNK]", "<mask>"), cls="<s>", sep="</s>")
    from tokenizers import processors

    t.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False
    )
    f.transformer(
        {
            **COMMON,
            "architectures": ["MPNetModel"],
            "model_type": "mpnet",
            "bos_token_id": 0,
            "eos_token_id": 2,
            "pad_token_id": 1,
            "layer_norm_eps": 1e-5,
            "max_position_embeddings": 66,
            "relative_attention_num_buckets": 32,
            "vocab_size": t.get_vocab_size(),
        }
    )
    f.tokenizer(
        t,
        {
            **FAIRSEQ,
            "unk_token": "[UNK]",
            "do_lower_case": True,
            "model_max_length": 64,
            "strip_accents": None,
            "tokenize_chinese_chars": True,
            "tokenizer_class": "MPNetTokenizer",
        },
    )
    f.chain("mean", 32, max_seq_length=48)
    f.onnx(pad=1)
    return f.finish("mean", "as all-mpnet-base-v2: relative position buckets, positions from 2 on", states=(0,))


def roberta(out, name):
    f = Files(out, name, "roberta")
    t = bpe.roberta()
    f.transformer(
        {
            **COMMON,
            "architectures": ["RobertaModel"],
            "model_type": "roberta",
            "bos_token_id": 0,
            "eos_token_id": 2,
            "pad_token_id": 1,
            "layer_norm_eps": 1e-5,
            "max_position_embeddings": 66,
            "type_vocab_size": 1,
            "position_embedding_type": "absolute",
            "vocab_size": t.get_vocab_size(),
        }
    )
    f.tokenizer(
        t,
        {
            **FAIRSEQ,
            "add_prefix_space": False,
            "trim_offsets": True,
            "errors": "replace",
            "model_max_length": 64,
            "tokenizer_class": "RobertaTokenizer",
        },
    )
    f.chain("mean", 32, max_seq_length=64)
    f.onnx(pad=1)
    return f.finish(
        "mean", "as all-distilroberta-v1: byte-level BPE, positions from 2 on, all 64 usable", states=(0,)
    )


def xlm_roberta(out, name):
    f = Files(out, name, "xlm-roberta")
    t = unigram.xlm_roberta()
    f.transformer(
        {
            **COMMON,
            "architectures": ["XLMRobertaModel"],
            "model_type": "xlm-roberta",
            "bos_token_id": 0,
            "eos_token_id": 2,
            "pad_token_id": 1,
            "layer_norm_eps": 1e-5,
            "max_position_embeddings": 66,
            "type_vocab_size": 1,
            "position_embedding_type": "absolute",
            "output_past": True,
            "vocab_size": t.get_vocab_size(),
        },
        prefix="roberta.",
    )
    f.tokenizer(t, {**FAIRSEQ, "model_max_length": 64, "tokenizer_class": "XLMRobertaTokenizer"})
    f.chain("mean", 32, st={"prompts": {"query": "query: ", "passage": "passage: "}}, max_seq_length=64)
    f.onnx(pad=1)
    return f.finish(
        "mean", "as multilingual-e5: Unigram, prompts without a default; tensors are called roberta.*", states=(9,)
    )


def distilbert(out, name):
    f = Files(out, name, "distilbert")
    t = wordpiece.bert(lowercase=False)
    f.transformer(
        {
            "activation": "gelu",
            "architectures": ["DistilBertModel"],
            "attention_dropout": 0.1,
            "dim": 32,
            "dropout": 0.1,
            "hidden_dim": 37,
            "initializer_range": 0.02,
            "max_position_embeddings": 64,
            "model_type": "distilbert",
            "n_heads": 4,
            "n_layers": 2,
            "output_past": True,
            "pad_token_id": 0,
            "qa_dropout": 0.1,
            "seq_classif_dropout": 0.2,
            "sinusoidal_pos_embds": False,
            "tie_weights_": True,
            "transformers_version": "4.8.2",
            "vocab_size": t.get_vocab_size(),
        },
        prefix="distilbert.",
    )
    f.tokenizer(
        t,
        {
            **BERT,
            "do_lower_case": False,
            "model_max_length": 64,
            "tokenize_chinese_chars": True,
            "strip_accents": None,
            "tokenizer_class": "DistilBertTokenizer",
        },
    )
    f.chain("cls", 32, steps=(), max_seq_length=64, st={"similarity_fn_name": "dot"})
    f.onnx()
    return f.finish(
        "cls", "as msmarco-distilbert-dot: cased, first token, not normalized, similarity dot", states=(0,)
    )


def albert(out, name):
    f = Files(out, name, "albert")
    t = unigram.albert()
    f.transformer(
        {
            **COMMON,
            "architectures": ["AlbertModel"],
            "model_type": "albert",
            "bos_token_id": 2,
            "eos_token_id": 3,
            "classifier_dropout_prob": 0.1,
            "down_scale_factor": 1,
            "embedding_size": 15,
            "gap_size": 0,
            "hidden_act": "gelu_new",
            "hidden_dropout_prob": 0,
            "attention_probs_dropout_prob": 0,
            "inner_group_num": 1,
            "max_position_embeddings": 64,
            "net_structure_type": 0,
            "num_hidden_groups": 1,
            "num_hidden_layers": 3,
            "num_memory_blocks": 0,
            "pad_token_id": 0,
            "position_embedding_type": "absolute",
            "type_vocab_size": 2,
            "vocab_size": t.get_vocab_size(),
        }
    )
    f.tokenizer(
        t,
        {
            "bos_token": "[CLS]",
            "cls_token": "[CLS]",
            "do_lower_case": True,
            "eos_token": "[SEP]",
            "keep_accents": False,
            "mask_token": "[MASK]",
            "model_max_length": 64,
            "pad_token": "<pad>",
            "remove_space": True,
            "sep_token": "[SEP]",
            "unk_token": "<unk>",
            "tokenizer_class": "AlbertTokenizer",
        },
    )
    f.chain("mean", 32, steps=(), max_seq_length=50)
    f.onnx(("input_ids", "attention_mask", "token_type_ids"))
    return f.finish(
        "mean",
        "as paraphrase-albert-small-v2: one layer's weights three times, 15-wide word vectors, tanh GELU",
        states=(0,),
    )


def electra(out, name):
    f = Files(out, name, "electra")
    t = wordpiece.bert()
    f.transformer(
        {
            **COMMON,
            "architectures": ["ElectraModel"],
            "model_type": "electra",
            "embedding_size": 19,
            "max_position_embeddings": 64,
            "pad_token_id": 0,
            "position_embedding_type": "absolute",
            "summary_activation": "gelu",
            "summary_last_dropout": 0.1,
            "summary_type": "first",
            "summary_use_proj": True,
            "type_vocab_size": 2,
            "vocab_size": t.get_vocab_size(),
        },
        prefix="electra.",
    )
    f.tokenizer(
        t,
        {
            **BERT,
            "do_lower_case": True,
            "model_max_length": 64,
            "tokenize_chinese_chars": True,
            "strip_accents": None,
            "tokenizer_class": "ElectraTokenizer",
        },
    )
    f.chain("mean", 32, max_seq_length=64)
    f.onnx(("input_ids", "attention_mask", "token_type_ids"))
    return f.finish("mean", "word vectors of 19 numbers projected to 32; tensors are called electra.*", states=(0,))


def modernbert(out, name):
    f = Files(out, name, "modernbert")
    t = bpe.modernbert()
    ids = {x: t.token_to_id(f"[{x}]") for x in ("CLS", "SEP", "PAD")}
    f.transformer(
        {
            "architectures": ["ModernBertModel"],
            "attention_bias": False,
            "attention_dropout": 0.0,
            "bos_token_id": ids["CLS"],
            "classifier_activation": "gelu",
            "classifier_bias": False,
            "classifier_dropout": 0.0,
            "classifier_pooling": "mean",
            "cls_token_id": ids["CLS"],
            "decoder_bias": True,
            "deterministic_flash_attn": False,
            "embedding_dropout": 0.0,
            "eos_token_id": ids["SEP"],
            "global_attn_every_n_layers": 3,
            "global_rope_theta": 160000.0,
            "gradient_checkpointing": False,
            "hidden_activation": "gelu",
            "hidden_size": 32,
            "initializer_cutoff_factor": 2.0,
            "initializer_range": 0.02,
            "intermediate_size": 37,
            "layer_norm_eps": 1e-5,
            "local_attention": 10,
            "local_rope_theta": 10000.0,
            "max_position_embeddings": 64,
            "mlp_bias": False,
            "mlp_dropout": 0.0,
            "model_type": "modernbert",
            "norm_bias": False,
            "norm_eps": 1e-5,
            "num_attention_heads": 4,
            "num_hidden_layers": 4,
            "pad_token_id": ids["PAD"],
            "position_embedding_type": "absolute",
            "repad_logits_with_grad": False,
            "sep_token_id": ids["SEP"],
            "sparse_pred_ignore_index": -100,
            "sparse_prediction": False,
            "torch_dtype": "float32",
            "transformers_version": "4.48.0",
            "vocab_size": t.get_vocab_size(),
        }
    )
    f.tokenizer(
        t,
        {
            **BERT,
            "clean_up_tokenization_spaces": True,
            "model_input_names": ["input_ids", "attention_mask"],
            "model_max_length": 64,
            "tokenizer_class": "PreTrainedTokenizerFast",
        },
    )
    f.chain("cls", 32)
    f.onnx(pad=ids["PAD"])
    return f.finish(
        "cls", "as gte-modernbert-base: layers 0 and 3 global, 1 and 2 within 5 tokens, two RoPE bases", states=(8,)
    )


MAKERS = {
    "mpnet": mpnet,
    "roberta": roberta,
    "xlm-roberta": xlm_roberta,
    "distilbert": distilbert,
    "albert": albert,
    "electra": electra,
    "modernbert": modernbert,
}
