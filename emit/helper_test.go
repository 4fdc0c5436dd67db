package emit

import (
	"testing"
	"time"
)

var testTime = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// testEndpoint is where events go unless a test says otherwise.
const testEndpoint = DefaultEndpoint + ingestPath

// env is an injected environment.
func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

// clock gives a time that moves on by a second at each call.
func clock() func() time.Time {
	now := testTime
	return func() time.Time { now = now.Add(time.Second); return now }
}

func recorder(t testing.TB) Recorder {
	t.Helper()
	return Recorder{Dir: NewDir(t.TempDir()), Getenv: env(), Now: clock(), AppVersion: "0.1.0", ClientType: "probe"}
}

func ptr[T any](v T) *T { return &v }

// miniLM is what probe knows of the model in CONTRACT's example.
func miniLM() Facts {
	return Facts{
		Origin: OriginHub, Model: "sentence-transformers/all-MiniLM-L6-v2",
		Version: "c9745ed1d9f207416be6d2e6f8de32d1f16199bf", LoadSuccess: true, InferenceSuccess: true,
		DeviceType: "cpu", EmbeddingDimension: ptr(384), Modalities: []string{"text"}, DistanceMetric: "cosine",
		Normalization: "l2", Pooling: "mean", MaxSequenceLength: ptr(256), Architecture: "bert",
		Parameters: ptr(int64(22_713_216)), DType: "float32", Backend: "onnxruntime",
		ExecutionProvider: "CPUExecutionProvider",
	}
}

func mustRecord(t testing.TB, r Recorder, f Facts) Entry {
	t.Helper()
	e := r.Record(f)
	if e.State != StateQueued {
		t.Fatalf("expected the event queued, found %s: %v", e.State, e.Notices)
	}
	return e
}

func mustRead(t testing.TB, dir Dir) QueueContent {
	t.Helper()
	content, err := ReadQueue(dir)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
