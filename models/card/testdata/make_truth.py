"""Writes truth.json: how sentence-transformers reads odd configuration files.

Each case is a model folder made of tiny random weights and the JSON files under "files"; "expected" is what the loaded
SentenceTransformer then says. The Go test writes the same JSON files, without weights, and compares.

Run with sentence-transformers 6.2 and transformers 5.23: python make_truth.py > truth.json
"""
import json
import logging
import pathlib
import sys
import tempfile
import warnings

import torch
import transformers
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

warnings.filterwarnings("ignore")
logging.disable(logging.ERROR)
transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

BERT = dict(hidden_size=4, num_hidden_layers=1, num_attention_heads=1, intermediate_size=4, vocab_size=8)
POOL = {"word_embedding_dimension": 4, "pooling_mode_mean_tokens": True}
MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
]
NORMALIZE = [{"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]


def bert(**more):
    return {"model_type": "bert", **BERT, **more}


def st(config, pooling=POOL, modules=MODULES, **files):
    """A sentence-transformers folder; keyword x__y is the file x/y, without .json."""
    return {"config.json": config, "modules.json": modules, "1_Pooling/config.json": pooling,
            **{name.replace("__", "/") + ".json": content for name, content in files.items()}}


CASES = {
    "sentence_bert_config wins over positions": st(bert(max_position_embeddings=16), sentence_bert_config={"max_seq_length": 99}),
    "sentence_bert_config wins over the tokenizer": st(bert(max_position_embeddings=64), sentence_bert_config={"max_seq_length": 40}, tokenizer_config={"model_max_length": 20}),
    "max_seq_length null": st(bert(max_position_embeddings=64), sentence_bert_config={"max_seq_length": None}, tokenizer_config={"model_max_length": 20}),
    "positions below the tokenizer": st(bert(max_position_embeddings=16), tokenizer_config={"model_max_length": 20}),
    "tokenizer below the positions": st(bert(max_position_embeddings=32), tokenizer_config={"model_max_length": 20}),
    "sentinel": st(bert(max_position_embeddings=32), tokenizer_config={"model_max_length": int(1e30)}),
    "float sentinel": st(bert(max_position_embeddings=32), tokenizer_config={"model_max_length": 1e30}),
    "tokenizer silent": st(bert(max_position_embeddings=32)),
    "max_len": st(bert(max_position_embeddings=32), tokenizer_config={"max_len": 17}),
    "class default positions": st(bert(), tokenizer_config={"model_max_length": 1000}),
    "class default positions, tokenizer silent": st(bert()),
    "tokenizer_args": st(bert(max_position_embeddings=32), sentence_bert_config={"max_seq_length": 9, "tokenizer_args": {"model_max_length": 77}}),
    "processor_kwargs": st(bert(max_position_embeddings=32), sentence_bert_config={"processor_kwargs": {"model_max_length": 78}}),
    "unlimited max_seq_length": st(bert(max_position_embeddings=32), sentence_bert_config={"max_seq_length": int(1e30)}),
    "old name of sentence_bert_config": st(bert(max_position_embeddings=32), sentence_distilbert_config={"max_seq_length": 11}),
    "empty sentence_bert_config": st(bert(max_position_embeddings=32), sentence_bert_config={}, sentence_roberta_config={"max_seq_length": 12}),
    "roberta": st({"model_type": "roberta", **BERT, "max_position_embeddings": 18}, tokenizer_config={"model_max_length": 16}),
    "roberta, tokenizer silent": st({"model_type": "roberta", **BERT, "max_position_embeddings": 18}),
    "distilbert": st({"model_type": "distilbert", "dim": 4, "n_layers": 1, "n_heads": 1, "hidden_dim": 4, "vocab_size": 8}, tokenizer_config={"model_max_length": 600}),
    "gpt2 calls it n_positions": st({"model_type": "gpt2", "n_embd": 4, "n_layer": 1, "n_head": 1, "vocab_size": 8, "n_positions": 21}),
    "t5 has none": st({"model_type": "t5", "d_model": 4, "d_kv": 4, "d_ff": 4, "num_layers": 1, "num_heads": 1, "vocab_size": 8, "n_positions": 33}),
    "t5 with the tokenizer's": st({"model_type": "t5", "d_model": 4, "d_kv": 4, "d_ff": 4, "num_layers": 1, "num_heads": 1, "vocab_size": 8}, tokenizer_config={"model_max_length": 19}),
    "xlnet": st({"model_type": "xlnet", "d_model": 4, "n_layer": 1, "n_head": 1, "d_inner": 4, "vocab_size": 8}),
    "new format": st(
        bert(max_position_embeddings=32), pooling={"embedding_dimension": 4, "pooling_mode": ["max", "cls"], "include_prompt": False},
        modules=[
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.base.modules.transformer.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.sentence_transformer.modules.pooling.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.base.modules.normalize.Normalize"},
        ],
        sentence_bert_config={"transformer_task": "feature-extraction", "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}}, "module_output_name": "token_embeddings"},
        tokenizer_config={"model_max_length": 20},
        config_sentence_transformers={"__version__": {"sentence_transformers": "6.2.0"}, "model_type": "SentenceTransformer", "prompts": {"query": "q: ", "document": ""}, "default_prompt_name": "query", "similarity_fn_name": "dot"},
    ),
    "old booleans, several": st(bert(max_position_embeddings=32), pooling={"word_embedding_dimension": 4, "pooling_mode_max_tokens": True, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False, "pooling_mode_lasttoken": True}),
    "old booleans, all false": st(bert(max_position_embeddings=32), pooling={"word_embedding_dimension": 4, "pooling_mode_mean_tokens": False}),
    "both spellings": st(bert(max_position_embeddings=32), pooling={"embedding_dimension": 4, "pooling_mode": "cls", "pooling_mode_mean_tokens": True}),
    "no pooling key": st(bert(max_position_embeddings=32), pooling={"embedding_dimension": 4}),
    "normalize without a folder": st(bert(max_position_embeddings=32), modules=MODULES + NORMALIZE),
    "prompts and truncate_dim": st(bert(max_position_embeddings=32), config_sentence_transformers={"prompts": {"web": "search: "}, "default_prompt_name": "web", "truncate_dim": 3, "similarity_fn_name": None}),
    "default prompt query without prompts": st(bert(max_position_embeddings=32), config_sentence_transformers={"default_prompt_name": "query"}),
    "no modules.json": {"config.json": bert(max_position_embeddings=32, architectures=["BertForMaskedLM"])},
    "no modules.json, causal": {"config.json": {"model_type": "gpt2", "n_embd": 4, "n_layer": 1, "n_head": 1, "vocab_size": 8, "n_positions": 21, "architectures": ["GPT2LMHeadModel"]}},
    "no modules.json, causal by name": {"config.json": {"model_type": "qwen3", **BERT, "num_key_value_heads": 1, "head_dim": 4, "max_position_embeddings": 21, "architectures": ["Qwen3ForCausalLM"]}},
    "no modules.json, is_causal false": {"config.json": {"model_type": "qwen3", **BERT, "num_key_value_heads": 1, "head_dim": 4, "max_position_embeddings": 21, "architectures": ["Qwen3ForCausalLM"], "is_causal": False}},
    "no modules.json, limit in processing_kwargs": {"config.json": bert(max_position_embeddings=32), "sentence_bert_config.json": {"max_seq_length": 7}},
}


def tokenizer(folder, config):
    vocab = {"[PAD]": 0, "[UNK]": 1, "a": 2, "b": 3, "[EOS]": 4}
    t = Tokenizer(models.WordLevel(vocab, unk_token="[UNK]"))
    t.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=t, unk_token="[UNK]", pad_token="[PAD]", eos_token="[EOS]").save_pretrained(folder)
    path = folder / "tokenizer_config.json"
    saved = json.loads(path.read_text())
    saved.pop("model_max_length", None)
    path.write_text(json.dumps({**saved, **config}))


def expected(files):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "model"
        folder.mkdir()
        config = files["config.json"]
        torch.manual_seed(0)
        AutoModel.from_config(AutoConfig.for_model(**config)).save_pretrained(folder)
        tokenizer(folder, files.get("tokenizer_config.json", {}))
        for path, content in files.items():
            if path != "tokenizer_config.json":
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(json.dumps(content))
        model = SentenceTransformer(str(folder), device="cpu")
        limit = model.max_seq_length
        pooling = [m for m in model if type(m).__name__ == "Pooling"]
        modes = pooling[0].pooling_mode
        return {
            "max_seq_length": None if limit is None or limit > 1e20 else limit,
            "modules": [type(m).__name__ for m in model],
            "pooling": [modes] if isinstance(modes, str) else list(modes),
            "include_prompt": pooling[0].include_prompt,
            "dimension": model.get_embedding_dimension(),
            "prompts": model.prompts,
            "default_prompt_name": model.default_prompt_name,
            "similarity": model._similarity_fn_name,
        }


json.dump({"made_with": {"sentence_transformers": __import__("sentence_transformers").__version__, "transformers": transformers.__version__},
           "cases": [{"name": n, "files": f, "expected": expected(f)} for n, f in CASES.items()]}, sys.stdout, indent=1)
print()
