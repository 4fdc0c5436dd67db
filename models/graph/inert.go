package graph

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/failure"
)

// inertEverywhere are options that transformers writes into a config.json of any family and that leave
// last_hidden_state in evaluation alone: how the file was made, training (dropout, initialization), task heads and text
// generation. Taken from PretrainedConfig of transformers 4 and 5.
var inertEverywhere = []string{
	"model_type", "architectures", "transformers_version", "torch_dtype", "dtype", "name_or_path",
	"model_name", "license", "language",
	"finetuning_task", "task_specific_params", "problem_type", "id2label", "label2id", "num_labels", "directionality",
	"use_cache", "output_attentions", "output_hidden_states", "return_dict", "return_dict_in_generate", "output_scores",
	"torchscript", "use_bfloat16", "tf_legacy_loss", "gradient_checkpointing", "chunk_size_feed_forward",
	"initializer_range", "initializer_factor", "initializer_cutoff_factor", "init_std", "pretraining_tp",
	"hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout", "classifier_dropout_prob",
	"hidden_dropout", "attention_dropout", "dropout", "dropout_rate", "activation_dropout", "embedding_dropout",
	"mlp_dropout", "seq_classif_dropout", "qa_dropout", "summary_activation", "summary_last_dropout",
	"summary_first_dropout", "summary_proj_to_labels", "summary_type", "summary_use_proj",
	"classifier_pooling", "classifier_activation", "classifier_bias", "decoder_bias", "deterministic_flash_attn",
	"pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head", "pooler_type",
	"pooler_hidden_act", "pooler_hidden_size", "pooler_dropout", "pooler_act",
	"bos_token_id", "eos_token_id", "pad_token_id", "sep_token_id", "cls_token_id", "mask_token_id", "unk_token_id",
	"decoder_start_token_id", "forced_bos_token_id", "forced_eos_token_id", "prefix", "suffix",
	"max_length", "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups", "diversity_penalty",
	"temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty", "no_repeat_ngram_size",
	"encoder_no_repeat_ngram_size", "bad_words_ids", "begin_suppress_tokens", "suppress_tokens", "num_return_sequences",
	"exponential_decay_length_penalty", "remove_invalid_values", "tie_word_embeddings", "tie_encoder_decoder",
	"tokenizer_class", "is_encoder_decoder", "output_past", "sentence_transformers", "model_max_length", "max_seq_length",
	"attn_implementation", "gradient_accumulation_steps", "cross_attention_hidden_size", "hub_revision", "adapters",
	"reference_compile", "sparse_prediction", "sparse_pred_ignore_index", "repad_logits_with_grad",
}

// isInert reports whether an option that no builder read leaves the result alone: it is on a list, private to the library
// (_name_or_path), or switched off (null, false, an empty list).
func isInert(key string, value any, family []string) bool {
	if strings.HasPrefix(key, "_") || slices.Contains(inertEverywhere, key) || slices.Contains(family, key) {
		return true
	}
	switch v := value.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	case json.Number:
		return false
	}
	return false
}

// knownCode are the auto_map entries of AutoModel whose architecture a family here follows; any other means that the
// folder brings Python code of its own, which may compute something other than its model_type says.
var knownCode = []string{
	"nomic-ai/nomic-bert-2048--modeling_hf_nomic_bert.NomicBertModel",
	"modeling_hf_nomic_bert.NomicBertModel",
	"Alibaba-NLP/new-impl--modeling.NewModel",
	"modeling.NewModel",
	"modeling_hf_alibaba_nlp_gte.GteModel",
	"jinaai/jina-bert-implementation--modeling_bert.JinaBertModel",
}

// refuseRemoteCode refuses a model whose AutoModel is code of its own.
func (c *config) refuseRemoteCode() {
	autoMap := c.object("auto_map")
	if autoMap == nil {
		return
	}
	for key := range autoMap.values {
		autoMap.read[key] = true
	}
	code := autoMap.str("AutoModel", "")
	*c.ownCode = *c.ownCode || code != ""
	if code != "" && !slices.Contains(knownCode, code) {
		c.fail(failure.KindUnsupportedModel,
			"auto_map.AutoModel is %q: the model runs Python code of its own, which is not run here and which model_type %q "+
				"need not describe; export it to ONNX and probe that file", code, c.modelType)
	}
}
