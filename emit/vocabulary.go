package emit

import "slices"

// Every text in an event but model_name, model_version, app_version and client_type is one of these words. What a model's
// files say in other words becomes `other` (or null where a field has no such word): a text made up by somebody cannot
// pass.
const otherWord = "other"

var (
	modalities      = []string{"text", "image", "audio", "video"}
	distanceMetrics = []string{"cosine", "dot", "euclidean", "manhattan"}
	normalizations  = []string{"l2", "none"}
	poolings        = []string{"cls", "mean", "max", "mean_sqrt_len_tokens", "weightedmean", "lasttoken", "in_graph", "unknown"}
	deviceTypes     = []string{"cpu", "gpu", "cuda", "rocm", "mps", "coreml", "directml", "openvino", "remote", otherWord}
	backends        = []string{"onnxruntime", "go", "endpoint", otherWord}
	driftKeys       = []string{
		"embedding_dimension", "normalization", "pooling", "distance_metric", "max_sequence_length", "modalities",
		"prompts", "dtype", "parameters", "architecture",
	}
	dtypes = []string{
		"float64", "float32", "float16", "bfloat16", "float8", "int8", "uint8", "int4", "uint4", "mixed", otherWord,
	}
	executionProviders = []string{
		"CPUExecutionProvider", "CUDAExecutionProvider", "TensorrtExecutionProvider", "NvTensorRTRTXExecutionProvider",
		"ROCMExecutionProvider", "MIGraphXExecutionProvider", "CoreMLExecutionProvider", "DmlExecutionProvider",
		"OpenVINOExecutionProvider", "QNNExecutionProvider", "XnnpackExecutionProvider", "DnnlExecutionProvider",
		"WebGpuExecutionProvider", "go", otherWord,
	}
	providers = []string{
		"openai", "azure", "cohere", "voyage", "jina", "mistral", "nomic", "google", "amazon", "together",
		"deepinfra", "fireworks", "nvidia", "huggingface", "endpoint",
	}
	// architectures are the names (model_type in config.json) that Hugging Face transformers and sentence-transformers
	// publish; a private architecture's name is not among them.
	architectures = []string{
		"albert", "bart", "bert", "bge_m3", "big_bird", "blip", "blip-2", "bloom", "camembert", "chinese_clip", "clip",
		"clip_text_model", "clip_vision_model", "codegen", "convbert", "deberta", "deberta-v2", "dinov2", "distilbert",
		"electra", "ernie", "esm", "eurobert", "flaubert", "fnet", "funnel", "gemma", "gemma2", "gemma3", "gemma3_text",
		"gpt2", "gpt_neo", "gpt_neox", "gte", "ibert", "jina_clip", "jinabert", "layoutlm", "llama", "longformer", "luke",
		"megatron-bert", "mistral", "mobilebert", "model2vec", "modernbert", "mpnet", "mt5", "new", "nomic_bert",
		"nystromformer", "opt", "phi", "phi3", "qwen2", "qwen2_vl", "qwen3", "qwen3_vl", "rembert", "roberta",
		"roberta-prelayernorm", "roformer", "siglip", "siglip2", "splinter", "squeezebert", "static", "t5", "t5_encoder",
		"umt5", "vit", "xlm", "xlm-roberta", "xlm-roberta-xl", "xlnet", "xmod", otherWord,
	}
	// errorKinds are the kinds of models/engine, which this package does not import.
	errorKinds = []string{
		"not_found", "ambiguous", "empty_file", "truncated", "invalid_format", "invalid_config", "too_large",
		"unsafe_path", "unsupported_format", "unsupported_model", "unsupported_op", "missing_tensor", "missing_file",
		"tokenizer", "not_an_embedding", "no_text_or_image", "non_finite", "inference_failed", "device_unavailable",
		"runtime_unavailable", "timeout", "oom", "crash", "endpoint", "internal", otherWord,
	}
)

// oneOf is s where list has it, else null.
func oneOf(s string, list []string) *string {
	if i := slices.Index(list, s); i >= 0 {
		return &list[i]
	}
	return nil
}

// oneOfElse is oneOf with a word for what is known but not listed; unknown ("") stays null.
func oneOfElse(s string, list []string, other string) *string {
	if s == "" {
		return nil
	}
	if found := oneOf(s, list); found != nil {
		return found
	}
	return &other
}

// listed keeps what is in list, in its order, each once; never nil, so that it is [] and not null in JSON.
func listed(values, list []string) []string {
	out := []string{}
	for _, value := range list {
		if slices.Contains(values, value) {
			out = append(out, value)
		}
	}
	return out
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
