package probe

import (
	"time"

	"github.com/divinedevops/probe/detect"
)

// SchemaVersion is the version of the report's shape; it grows when a field changes its meaning or goes.
const SchemaVersion = 1

// Report is everything that one probe learned. Marshalled, it is the document that `probe --json` prints and that
// `probe schema` describes. The first block of keys are those of vector-inspector's model registry, so a report merges
// into it as it is.
type Report struct {
	SchemaVersion int `json:"schema_version"`

	// Name is the model's public identity (org/name), or the name of its folder or file where it has none.
	Name string `json:"name"`
	// Type is sentence-transformer, clip, model2vec or onnx: what would load the model.
	Type string `json:"type"`
	// Dimension, Modality and Normalization repeat measured values; null where they could not be had.
	Dimension     *int    `json:"dimension"`
	Modality      *string `json:"modality"`
	Normalization *string `json:"normalization"`
	// Source is the event's model_source: sentence-transformers, nomic, huggingface, local_path, ...
	Source      string `json:"source"`
	Description string `json:"description"`

	// Metadata is the metadata of the telemetry event, the very object that is queued. The command line sets it: this
	// package knows nothing of telemetry.
	Metadata any `json:"metadata"`

	Model    Model      `json:"model"`
	Measured Properties `json:"measured"`
	Declared Properties `json:"declared"`
	// Assumed has the keys of Measured: what no file declares and probe had to suppose in order to run, nil for nothing. What
	// was measured under it names it in its finding's RestsOn.
	Assumed map[string]*Assumed `json:"assumed,omitempty"`
	// Findings holds, for each measured key and for what has no declared side, the value with its confidence and evidence.
	Findings map[string]detect.Finding `json:"findings"`
	Drift    []detect.Drift            `json:"drift"`
	// DeclaredIn is, for each declared key, the file and key that declare it: "1_Pooling/config.json: pooling_mode_mean_tokens".
	// License and languages of Model are among them.
	DeclaredIn map[string]string `json:"declared_in"`

	Timings     Timings     `json:"timings"`
	Memory      Memory      `json:"memory"`
	Environment Environment `json:"environment"`
	Warnings    []string    `json:"warnings"`
	Error       *Failure    `json:"error"`
}

// Properties are the values that are measured on one side and declared on the other. Null means that the value could
// not be had: the finding of that name says why for the measured side, silence of the files is why for the declared.
type Properties struct {
	LoadSuccess        *bool    `json:"load_success"`
	InferenceSuccess   *bool    `json:"inference_success"`
	EmbeddingDimension *int     `json:"embedding_dimension"`
	Normalization      *string  `json:"normalization"`
	Pooling            *string  `json:"pooling"`
	DistanceMetric     *string  `json:"distance_metric"`
	MaxSequenceLength  *int     `json:"max_sequence_length"`
	Modalities         []string `json:"modalities"`
	// Prompts maps a prompt's name to its text. On the measured side stand those of the declared ones that change the
	// vectors; null where none is declared, or it was not measured.
	Prompts map[string]string `json:"prompts"`
	// VocabularySize is the number of rows of the token embedding on the measured side, config.json's on the other.
	VocabularySize *int `json:"vocabulary_size"`
	// DType is the element type of most weights: float32, float16, bfloat16, int8.
	DType *string `json:"dtype"`
	// Other holds the values of properties that have no field here, by key; they marshal next to the fields.
	Other map[string]any `json:"-"`
}

// Assumed is a value that was supposed, or that the user asked for.
type Assumed struct {
	Value any    `json:"value"`
	Why   string `json:"why"`
}

// Model is what was opened.
type Model struct {
	// ModelType is config.json's model_type, null where there is none.
	ModelType *string `json:"model_type"`
	// Format is onnx or safetensors.
	Format string `json:"format"`
	// File is the graph or weights file that was opened, relative to the model's folder, and Why how it was chosen.
	File string `json:"file"`
	Why  string `json:"why"`
	// Candidates are the other files that could have been opened.
	Candidates []string `json:"candidates"`
	// Parameters counts the elements of all weights; WeightsBytes their bytes.
	Parameters   *int64 `json:"parameters"`
	WeightsBytes *int64 `json:"weights_bytes"`
	// Revision is the hub's commit: of the snapshot in a Hugging Face cache, or as huggingface_hub noted it in the folder that it
	// downloaded the model into.
	Revision *string `json:"revision"`
	// Digest is "sha256:" and the digest of the weights file, null where it was not computed. For weights beyond 2 GiB it is the
	// one that huggingface_hub noted at the download, if it did.
	Digest *string `json:"digest"`
	// Output is the graph output that the embedding was taken from.
	Output *string `json:"output"`
	// Outputs are the outputs that the graph declares, at most maxOutputs of them; empty for a model without a graph.
	Outputs []Output `json:"outputs"`
	// Fingerprint is a short code of what the model does, whatever its files are called; null where it could not be made.
	Fingerprint *string `json:"fingerprint"`
	// KnownAs is the public name of the model that has this fingerprint, or one near it; null where none is known.
	KnownAs *string `json:"known_as"`
	// License and Languages are what the front matter of README.md declares, as it spells them: "apache-2.0", "en". Nobody
	// checks them; null where it declares none.
	License   *string  `json:"license"`
	Languages []string `json:"languages"`
}

// Output is one output of a graph, as the graph declares it.
type Output struct {
	Name  string `json:"name"`
	DType string `json:"dtype"`
	// Shape has null for a dimension that is open; it is null where the graph does not declare the rank.
	Shape []*int64 `json:"shape"`
}

// Timings are seconds of wall time; null where the step was not reached.
type Timings struct {
	Resolve        *float64 `json:"resolve"`
	Load           *float64 `json:"load"`
	FirstInference *float64 `json:"first_inference"`
	// OneText is the median time of one short text alone, after the first inference.
	OneText *float64 `json:"one_text"`
	Battery *float64 `json:"battery"`
	Total   float64  `json:"total"`
}

// Memory is in bytes, of the process that ran the model: the child where Environment.Isolated says so. Null where the
// system does not tell.
type Memory struct {
	// PeakRSS is the largest resident set so far, shared mappings of the weights included.
	PeakRSS *int64 `json:"peak_rss"`
	// BeforeLoad and AfterLoad are the resident set around the making of the session.
	BeforeLoad *int64 `json:"before_load"`
	AfterLoad  *int64 `json:"after_load"`
}

// Environment is what the model was measured on.
type Environment struct {
	ProbeVersion string `json:"probe_version"`
	OS           string `json:"os"`
	Arch         string `json:"arch"`
	// DeviceType is cpu or cuda, as the run's own record of its nodes shows; null where nothing ran.
	DeviceType *string `json:"device_type"`
	// Backend is onnxruntime or go; null where no engine could be had.
	Backend        *string `json:"backend"`
	BackendVersion *string `json:"backend_version"`
	// ExecutionProvider ran most of the nodes, NodesByProvider counts all.
	ExecutionProvider *string        `json:"execution_provider"`
	NodesByProvider   map[string]int `json:"nodes_by_provider"`
	Threads           int            `json:"threads"`
	CPU               string         `json:"cpu"`
	CPUFeatures       []string       `json:"cpu_features"`
	LogicalCores      int            `json:"logical_cores"`
	// Isolated is whether the model ran in a process of its own (probe/isolate).
	Isolated bool `json:"isolated"`
}

// seconds gives a duration as the report has it, rounded to microseconds so that the JSON stays short.
func seconds(d time.Duration) *float64 {
	s := float64(d.Round(time.Microsecond).Microseconds()) / 1e6
	return &s
}
