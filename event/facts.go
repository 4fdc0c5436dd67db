package event

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/divinedevops/probe/emit"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/vocabulary"
)

// Facts returns what the report of the model that ref named says to an event. Only measured values go in, and what the files
// say of the model's identity.
func Facts(r *probe.Report, ref string) emit.Facts {
	f := emit.Facts{
		LoadSuccess:        isTrue(r.Measured.LoadSuccess),
		InferenceSuccess:   isTrue(r.Measured.InferenceSuccess),
		EmbeddingDimension: r.Measured.EmbeddingDimension,
		Modalities:         r.Measured.Modalities,
		DistanceMetric:     text(r.Measured.DistanceMetric),
		Normalization:      text(r.Measured.Normalization),
		Pooling:            text(r.Measured.Pooling),
		MaxSequenceLength:  r.Measured.MaxSequenceLength,
		Architecture:       text(r.Model.ModelType),
		Parameters:         r.Model.Parameters,
		DType:              text(r.Measured.DType),
		DeviceType:         text(r.Environment.DeviceType),
		Backend:            text(r.Environment.Backend),
		ExecutionProvider:  text(r.Environment.ExecutionProvider),
		Version:            text(r.Model.Digest),
	}
	for _, d := range r.Drift {
		f.Drift = append(f.Drift, d.Key)
	}
	if r.Error != nil {
		f.ErrorKind = string(r.Error.Kind)
	}
	f.Origin = origin(r)
	switch f.Origin {
	case emit.OriginHub:
		f.Model = r.Name
		if r.Model.Revision != nil {
			f.Version = *r.Model.Revision
		}
	case emit.OriginEndpoint:
		f.Model, f.Provider = r.Name, r.Source
	default:
		f.LocalPath = localPath(r, ref)
	}
	return withoutAssumed(f, r)
}

// origin decides whether the model's name is public. Whatever is not known to be is local: a folder, a file, a server that
// somebody runs himself (its report has another source than a public provider's).
func origin(r *probe.Report) emit.Origin {
	endpoint := text(r.Environment.Backend) == vocabulary.BackendEndpoint
	switch {
	case endpoint && r.Source != vocabulary.SourceEndpoint && slices.Contains(vocabulary.EndpointProviders(), r.Source):
		return emit.OriginEndpoint
	case endpoint:
		return emit.OriginLocal
	case isHubSource(r.Source):
		return emit.OriginHub
	}
	return emit.OriginLocal
}

// isHubSource reports whether a model of this source came from the hub.
func isHubSource(source string) bool {
	return source == vocabulary.SourceSentenceTransformers || source == vocabulary.SourceNomic ||
		source == vocabulary.SourceHuggingFace
}

// localPath is the absolute path of a local model; "" if ref is an address, not a path.
func localPath(r *probe.Report, ref string) string {
	if ref == "" || text(r.Environment.Backend) == vocabulary.BackendEndpoint || strings.Contains(ref, "://") {
		return ""
	}
	path, err := filepath.Abs(ref)
	if err != nil {
		return ""
	}
	return path
}

func isTrue(b *bool) bool { return b != nil && *b }

// text is the string that s points to, "" if it is nil.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
