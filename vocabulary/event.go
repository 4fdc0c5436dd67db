package vocabulary

// DriftKeys lists the keys that have both a measured and a declared side, so that the two can differ.
func DriftKeys() []string {
	return []string{
		KeyEmbeddingDimension, KeyNormalization, KeyPooling, KeyDistanceMetric, KeyMaxSequenceLength, KeyModalities,
		KeyPrompts, KeyVocabularySize, KeyDType,
	}
}

// EndpointProviders lists the public services that serve embedding models, as the event's model_source names them.
func EndpointProviders() []string {
	return []string{
		"openai", "azure", "cohere", "voyage", "jina", "mistral", "nomic", "google", "amazon", "together",
		"deepinfra", "fireworks", "nvidia", "huggingface", SourceEndpoint,
	}
}

// Architectures lists names (model_type in config.json) that Hugging Face transformers and sentence-transformers publish.
// The name of a private architecture is not among them.
func Architectures() []string {
	return []string{
		"albert", "bart", "bert", "bge_m3", "big_bird", "blip", "blip-2", "bloom", "camembert", "chinese_clip", "clip",
		"clip_text_model", "clip_vision_model", "codegen", "convbert", "deberta", "deberta-v2", "dinov2", "distilbert",
		"electra", "ernie", "esm", "eurobert", "flaubert", "fnet", "funnel", "gemma", "gemma2", "gemma3", "gemma3_text",
		"gpt2", "gpt_neo", "gpt_neox", "gte", "ibert", "jina_clip", "jinabert", "layoutlm", "llama", "longformer", "luke",
		"megatron-bert", "mistral", "mobilebert", "model2vec", "modernbert", "mpnet", "mt5", "new", "nomic_bert",
		"nystromformer", "opt", "phi", "phi3", "qwen2", "qwen2_vl", "qwen3", "qwen3_vl", "rembert", "roberta",
		"roberta-prelayernorm", "roformer", "siglip", "siglip2", "splinter", "squeezebert", "static", "t5", "t5_encoder",
		"umt5", "vit", "xlm", "xlm-roberta", "xlm-roberta-xl", "xlnet", "xmod",
	}
}
