// Package vocabulary holds the closed lists of words that the report, its schema, the telemetry event and the collector
// share. A word that is not listed here cannot reach an event. It imports nothing.
package vocabulary

// Other stands in an event for a word that is known but not in the list.
const Other = "other"

// Keys of what is measured. The report uses them in measured, declared, assumed, findings and drift.
const (
	KeyLoadSuccess        = "load_success"
	KeyInferenceSuccess   = "inference_success"
	KeyEmbeddingDimension = "embedding_dimension"
	KeyNormalization      = "normalization"
	KeyPooling            = "pooling"
	KeyDistanceMetric     = "distance_metric"
	KeyMaxSequenceLength  = "max_sequence_length"
	KeyModalities         = "modalities"
	KeyPrompts            = "prompts"
	KeyVocabularySize     = "vocabulary_size"
	KeyDType              = "dtype"

	KeyFinite             = "finite"
	KeyDeterminism        = "determinism"
	KeyBatchInvariance    = "batch_invariance"
	KeyPaddingInvariance  = "padding_invariance"
	KeyTruncation         = "truncation"
	KeyTriplets           = "triplets"
	KeyDistanceBehaviour  = "distance_behaviour"
	KeyIsotropy           = "isotropy"
	KeyMatryoshka         = "matryoshka"
	KeyQuantization       = "quantization"
	KeyLanguages          = "languages"
	KeyPromptsNeeded      = "prompts_needed"
	KeyTextImageAgreement = "text_image_agreement"
	KeyLengthCost         = "length_cost"
	KeyFingerprint        = "fingerprint"
	KeyKnownAs            = "known_as"
)

// Ways to turn token states into one vector (pooling).
const (
	PoolingCLS          = "cls"
	PoolingMean         = "mean"
	PoolingMax          = "max"
	PoolingMeanSqrtLen  = "mean_sqrt_len_tokens"
	PoolingWeightedMean = "weightedmean"
	PoolingLastToken    = "lasttoken"
	PoolingInGraph      = "in_graph" // the graph returns one vector a text, by a way that no mode explains
	PoolingUnknown      = "unknown"
)

// Poolings lists every pooling that a report or an event may name.
func Poolings() []string {
	return []string{PoolingCLS, PoolingMean, PoolingMax, PoolingMeanSqrtLen, PoolingWeightedMean, PoolingLastToken,
		PoolingInGraph, PoolingUnknown}
}

// Distance metrics.
const (
	MetricCosine    = "cosine"
	MetricDot       = "dot"
	MetricEuclidean = "euclidean"
	MetricManhattan = "manhattan"
)

// Metrics lists the distance metrics.
func Metrics() []string { return []string{MetricCosine, MetricDot, MetricEuclidean, MetricManhattan} }

// Normalizations of a vector.
const (
	NormalizationL2   = "l2"
	NormalizationNone = "none"
)

// Normalizations lists the normalizations.
func Normalizations() []string { return []string{NormalizationL2, NormalizationNone} }

// Modalities of a model's input.
const (
	ModalityText  = "text"
	ModalityImage = "image"
	ModalityAudio = "audio"
	ModalityVideo = "video"
)

// Modalities lists the modalities.
func Modalities() []string {
	return []string{ModalityText, ModalityImage, ModalityAudio, ModalityVideo}
}

// Backends that run a model.
const (
	BackendONNXRuntime = "onnxruntime"
	BackendGo          = "go"
	BackendEndpoint    = "endpoint"
)

// Backends lists what runs a model.
func Backends() []string { return []string{BackendONNXRuntime, BackendGo, BackendEndpoint} }

// DeviceTypes lists the kinds of device that a report or an event may name.
func DeviceTypes() []string {
	return []string{"cpu", "gpu", "cuda", "rocm", "mps", "coreml", "directml", "openvino", "npu", "remote"}
}

// ExecutionProviders lists ONNX Runtime's execution providers by the names it gives them, and "go" for pure Go.
func ExecutionProviders() []string {
	return []string{
		"CPUExecutionProvider", "CUDAExecutionProvider", "TensorrtExecutionProvider", "NvTensorRTRTXExecutionProvider",
		"ROCMExecutionProvider", "MIGraphXExecutionProvider", "CoreMLExecutionProvider", "DmlExecutionProvider",
		"OpenVINOExecutionProvider", "QNNExecutionProvider", "XnnpackExecutionProvider", "DnnlExecutionProvider",
		"WebGpuExecutionProvider", BackendGo,
	}
}

// DTypes lists the element types of weights.
func DTypes() []string {
	return []string{"float64", "float32", "float16", "bfloat16", "float8", "int8", "uint8", "int4", "uint4", "mixed"}
}

// Sources of a model, as the report's source and the event's model_source name them.
const (
	SourceSentenceTransformers = "sentence-transformers"
	SourceNomic                = "nomic"
	SourceHuggingFace          = "huggingface" // any other publisher on the hub
	SourceEndpoint             = "endpoint"    // a public endpoint that EndpointProviders does not list
	SourceLocalPath            = "local_path"  // a model without a public identity
)

// PublisherSource is the source of a model on the hub: two publishers have names of their own.
func PublisherSource(publisher string) string {
	switch publisher {
	case "sentence-transformers":
		return SourceSentenceTransformers
	case "nomic-ai":
		return SourceNomic
	}
	return SourceHuggingFace
}

// Types of a model in the report, by what would load it; vector-inspector's words where it has one.
const (
	TypeSentenceTransformer = "sentence-transformer"
	TypeCLIP                = "clip"
	TypeTransformers        = "transformers"
	TypeONNX                = "onnx" // a graph without configuration
)
