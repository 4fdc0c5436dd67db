package event

import (
	"path/filepath"
	"reflect"
	"testing"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/emit"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/probe"
)

func ptr[T any](v T) *T { return &v }

// miniLM is a report of a model from the hub.
func miniLM() *probe.Report {
	return &probe.Report{
		Name: "sentence-transformers/all-MiniLM-L6-v2", Source: "sentence-transformers",
		Model: probe.Model{
			ModelType: ptr("bert"), Parameters: ptr(int64(22_713_216)), Revision: ptr("c9745ed1d9f2"), Digest: ptr("sha256:00ff00ff"),
		},
		Measured: probe.Properties{
			LoadSuccess: ptr(true), InferenceSuccess: ptr(true), EmbeddingDimension: ptr(384), Normalization: ptr("l2"),
			Pooling: ptr("mean"), DistanceMetric: ptr("cosine"), MaxSequenceLength: ptr(256), Modalities: []string{"text"},
			DType: ptr("float32"),
		},
		Environment: probe.Environment{
			DeviceType: ptr("cpu"), Backend: ptr("onnxruntime"), ExecutionProvider: ptr("CPUExecutionProvider"),
		},
		Drift: []detect.Drift{{Key: "max_sequence_length"}, {Key: "vocabulary_size"}},
	}
}

func TestFactsOfAReport(t *testing.T) {
	t.Parallel()
	want := emit.Facts{
		Origin: emit.OriginHub, Model: "sentence-transformers/all-MiniLM-L6-v2", Version: "c9745ed1d9f2",
		LoadSuccess: true, InferenceSuccess: true, DeviceType: "cpu", EmbeddingDimension: ptr(384), Modalities: []string{"text"},
		DistanceMetric: "cosine", Normalization: "l2", Pooling: "mean", MaxSequenceLength: ptr(256),
		Drift: []string{"max_sequence_length", "vocabulary_size"}, Architecture: "bert", Parameters: ptr(int64(22_713_216)),
		DType: "float32", Backend: "onnxruntime", ExecutionProvider: "CPUExecutionProvider",
	}
	if got := Facts(miniLM(), "sentence-transformers/all-MiniLM-L6-v2"); !reflect.DeepEqual(got, want) {
		t.Errorf("found %+v\nwant  %+v", got, want)
	}
}

// The drift of every key reaches the event.
func TestDriftReachesTheEvent(t *testing.T) {
	t.Parallel()
	entry := Record(miniLM(), "x", Options{Dir: emit.NewDir(t.TempDir()), Getenv: noEnv})
	want := []string{"max_sequence_length", "vocabulary_size"}
	if got := entry.Event.Metadata.Drift; !reflect.DeepEqual(got, want) {
		t.Errorf("drift in the event: %q, want %q", got, want)
	}
}

func TestFactsOfAFailure(t *testing.T) {
	t.Parallel()
	r := &probe.Report{Source: "local_path", Error: &probe.Failure{Stage: failure.StageLoad, Kind: failure.KindTruncated}}
	got := Facts(r, "broken")
	path, err := filepath.Abs("broken")
	if err != nil {
		t.Fatal(err)
	}
	if want := (emit.Facts{ErrorKind: "truncated", LocalPath: path}); !reflect.DeepEqual(got, want) {
		t.Errorf("found %+v\nwant  %+v", got, want)
	}
}

// A name is public only if the hub or a public provider gave it: a folder and a server that somebody runs himself are local,
// whatever they are called.
func TestOrigin(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source, backend string
		want            emit.Origin
	}{
		"hub":                         {"huggingface", "onnxruntime", emit.OriginHub},
		"hub, nothing ran":            {"nomic", "", emit.OriginHub},
		"folder named like a hub one": {"local_path", "go", emit.OriginLocal},
		"no source":                   {"", "go", emit.OriginLocal},
		"source that nobody knows":    {"my-registry", "go", emit.OriginLocal},
		"public endpoint":             {"openai", "endpoint", emit.OriginEndpoint},
		"nomic's endpoint":            {"nomic", "endpoint", emit.OriginEndpoint},
		"own server":                  {"local_path", "endpoint", emit.OriginLocal},
		"own server, by protocol":     {"endpoint", "endpoint", emit.OriginLocal},
		"own server, unknown":         {"tei", "endpoint", emit.OriginLocal},
		"provider without endpoint":   {"openai", "go", emit.OriginLocal},
	} {
		r := miniLM()
		r.Name, r.Source, r.Environment.Backend = "acme/secret", test.source, nil
		if test.backend != "" {
			r.Environment.Backend = &test.backend
		}
		got := Facts(r, "acme/secret")
		if got.Origin != test.want {
			t.Errorf("%s: origin %d, want %d", name, got.Origin, test.want)
		}
		if got.Origin == emit.OriginLocal && (got.Model != "" || got.Provider != "") {
			t.Errorf("%s: a local model has a name: %+v", name, got)
		}
	}
	r := miniLM()
	r.Environment.Backend, r.Source = ptr("endpoint"), "local_path"
	if got := Facts(r, "https://user:key@10.0.0.1/v1"); got.LocalPath != "" {
		t.Errorf("an address is no path: %q", got.LocalPath)
	}
}
