package probe_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/ort"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/vocabulary"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// backends are the engines to test on: ONNX Runtime if this build can load it, and pure Go but under the race detector.
func backends() []string {
	switch {
	case !ort.Built:
		return []string{vocabulary.BackendGo}
	case raced:
		return []string{vocabulary.BackendONNXRuntime}
	}
	return []string{vocabulary.BackendGo, vocabulary.BackendONNXRuntime}
}

// fastest is the engine for tests that run on one of them.
func fastest() string {
	if ort.Built {
		return vocabulary.BackendONNXRuntime
	}
	return vocabulary.BackendGo
}

// options gives a probe an environment of its own.
func options(t *testing.T, o probe.Options) probe.Options {
	t.Helper()
	home := t.TempDir()
	o.Getenv = func(name string) string {
		switch name {
		case "PROBE_HOME", "PROBE_CACHE", "HF_HOME", "HOME":
			return filepath.Join(home, name)
		}
		return ""
	}
	o.Now, o.TempDir = time.Now, home
	if o.Backend == vocabulary.BackendONNXRuntime {
		o.Library = testenv.ONNXRuntime(t)
	}
	return o
}

// measure measures a model in this process with an environment of its own, and wants no error.
func measure(t *testing.T, o probe.Options) *probe.Report {
	t.Helper()
	o = options(t, o)
	r := probe.Measure(t.Context(), o)
	if r.Error != nil {
		t.Fatalf("%s: %s", r.Error.Kind, r.Error.Message)
	}
	return r
}

// finding is one finding of a report; evidence of another type than E is the zero value.
func finding[E any](t *testing.T, r *probe.Report, key string) (value any, evidence E, reason string) {
	t.Helper()
	f, ok := r.Findings[key]
	if !ok {
		t.Fatalf("the report has no finding %s", key)
	}
	evidence, _ = f.Evidence.(E)
	return f.Value, evidence, f.Reason
}
