package emit

import (
	"encoding/hex"
	"strings"
	"time"

	"github.com/divinedevops/probe/vocabulary"
)

// Metadata is what an event says of a model: CONTRACT's keys in their order, then what else probe measured. The report
// shows the same object under `metadata`. docs/privacy.md explains every field. Null (or an empty list) means unknown.
type Metadata struct {
	ModelName          string   `json:"model_name"`
	ModelSource        string   `json:"model_source"`
	ModelVersion       *string  `json:"model_version"`
	EmbeddingDimension *int     `json:"embedding_dimension"`
	Modalities         []string `json:"modalities"`
	DistanceMetric     *string  `json:"distance_metric"`
	Normalization      *string  `json:"normalization"`
	LoadSuccess        bool     `json:"load_success"`
	InferenceSuccess   bool     `json:"inference_success"`
	DeviceType         *string  `json:"device_type"`
	LocalPathHash      *string  `json:"local_path_hash"`
	Timestamp          string   `json:"timestamp"` // RFC 3339, UTC, rounded down to the day
	ClientID           *string  `json:"client_id"` // null if no event is made
	EventID            *string  `json:"event_id"`  // likewise

	Pooling           *string  `json:"pooling"`
	MaxSequenceLength *int     `json:"max_sequence_length"`
	Drift             []string `json:"drift"`
	Architecture      *string  `json:"architecture"`
	Parameters        *int64   `json:"parameters"`
	DType             *string  `json:"dtype"`
	Backend           *string  `json:"backend"`
	ExecutionProvider *string  `json:"execution_provider"`
	ErrorKind         *string  `json:"error_kind"`
}

// LocalModelName is the model_name of a model without a public identity.
const LocalModelName = "local"

// Bounds of the numbers in an event; a number outside is a mistake, not a measurement.
const (
	maxDimension      = 1 << 20
	maxSequenceLength = 1 << 30
	maxParameters     = 1 << 45
)

// newMetadata checks facts field by field. refused holds words that no free-form field may have as a segment.
func newMetadata(f Facts, id Identity, refused words) Metadata {
	name, source := publicName(f, id.Included, refused)
	if f.Origin != OriginLocal && name == LocalModelName {
		f.Version = "" // a revision would lead whoever knows the repository back to its name
	}
	return Metadata{
		ModelName:          name,
		ModelSource:        source,
		ModelVersion:       digest(f.Version),
		EmbeddingDimension: within(f.EmbeddingDimension, 1, maxDimension),
		Modalities:         listed(f.Modalities, vocabulary.Modalities()),
		DistanceMetric:     oneOf(f.DistanceMetric, vocabulary.Metrics()),
		Normalization:      oneOf(f.Normalization, vocabulary.Normalizations()),
		LoadSuccess:        f.LoadSuccess,
		InferenceSuccess:   f.InferenceSuccess,
		DeviceType:         oneOfOther(f.DeviceType, vocabulary.DeviceTypes()),
		Timestamp:          dayOf(id.Time).Format(time.RFC3339),
		Pooling:            poolingOf(f.Pooling),
		MaxSequenceLength:  within(f.MaxSequenceLength, 1, maxSequenceLength),
		Drift:              listed(f.Drift, vocabulary.DriftKeys()),
		Architecture:       oneOfOther(f.Architecture, vocabulary.Architectures()),
		Parameters:         within(f.Parameters, 1, maxParameters),
		DType:              oneOfOther(f.DType, vocabulary.DTypes()),
		Backend:            oneOfOther(f.Backend, vocabulary.Backends()),
		ExecutionProvider:  oneOfOther(f.ExecutionProvider, vocabulary.ExecutionProviders()),
		ErrorKind:          oneOfOther(f.ErrorKind, vocabulary.ErrorKinds()),
	}
}

// publicName returns model_name and model_source after CONTRACT's rules.
func publicName(f Facts, included Inclusions, refused words) (name, source string) {
	if !isNameable(f, refused) || !included.isPublic(f) {
		return LocalModelName, vocabulary.SourceLocalPath
	}
	if f.Origin == OriginEndpoint {
		if provider := oneOf(f.Provider, vocabulary.EndpointProviders()); provider != nil {
			return f.Model, *provider
		}
		return f.Model, vocabulary.SourceEndpoint
	}
	publisher, _, _ := strings.Cut(f.Model, "/")
	return f.Model, vocabulary.PublisherSource(publisher)
}

// isNameable reports whether a model has a name that an event could hold at all.
func isNameable(f Facts, refused words) bool {
	return f.Origin != OriginLocal && isModelName(f.Model) && !refused.within(f.Model) && !looksSecret(f.Model)
}

// isModelName accepts `name` or `publisher/name`, each of letters, digits, `.`, `_` and `-`, at most 96 characters (the
// hub's limit), beginning with a letter or digit and without `..`. Relative and absolute paths, URLs, addresses of
// machines and mail addresses are none.
func isModelName(s string) bool {
	segments := strings.Split(s, "/")
	if len(segments) > 2 {
		return false
	}
	for _, segment := range segments {
		if len(segment) == 0 || len(segment) > 96 || !isAlphanumeric(segment[0]) || strings.Contains(segment, "..") {
			return false
		}
		for i := range len(segment) {
			if c := segment[i]; !isAlphanumeric(c) && c != '.' && c != '_' && c != '-' {
				return false
			}
		}
	}
	return !isFolderWord(segments[0]) && !isIPv4(segments[0])
}

// digest accepts 7 to 64 hex digits (a git revision or a SHA-256), bare or after `sha256:`.
func digest(s string) *string {
	bare := strings.TrimPrefix(s, "sha256:")
	if len(bare) < 7 || len(bare) > 64 || strings.ToLower(bare) != bare {
		return nil
	}
	if _, err := hex.DecodeString(bare + strings.Repeat("0", len(bare)%2)); err != nil {
		return nil
	}
	return &s
}

func poolingOf(s string) *string {
	parts := strings.Split(s, "+")
	modes := vocabulary.Poolings()
	if len(parts) > len(modes) {
		return nil
	}
	for _, part := range parts {
		if oneOf(part, modes) == nil {
			return nil
		}
	}
	return &s
}

func within[T int | int64](v *T, low, high T) *T {
	if v == nil || *v < low || *v > high {
		return nil
	}
	out := *v
	return &out
}
