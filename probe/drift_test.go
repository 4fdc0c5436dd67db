package probe_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/vocabulary"
)

// TestTypeOfQuantizedFiles: config.json beside a quantized graph has the type of the weights before, which is no drift; that
// of weights in another floating-point type is.
func TestTypeOfQuantizedFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	graph, err := os.ReadFile(testenv.MiniLMInt8(t))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "model.onnx"), graph, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "config.json"), []byte(`{"model_type":"bert","torch_dtype":"float32"}`), 0o600))
	half := t.TempDir()
	must(t, os.CopyFS(half, os.DirFS(testenv.Zoo("bert-fp16"))))
	must(t, os.WriteFile(filepath.Join(half, "config.json"), withType(t, filepath.Join(half, "config.json")), 0o600))
	for ref, want := range map[string]bool{dir: false, half: true} {
		r := measure(t, probe.Options{Ref: ref, Backend: fastest(), Quick: true, LengthBudget: 1})
		if r.Declared.DType == nil || r.Measured.DType == nil || *r.Declared.DType == *r.Measured.DType {
			t.Fatalf("%s: the types do not differ: %v, %v", ref, r.Declared.DType, r.Measured.DType)
		}
		found := false
		for _, d := range r.Drift {
			found = found || d.Key == vocabulary.KeyDType
		}
		if found != want {
			t.Errorf("declared %s, measured %s: expected drift %t, found %+v", *r.Declared.DType, *r.Measured.DType, want, r.Drift)
		}
	}
}

// withType is a config.json that says float32.
func withType(t *testing.T, path string) []byte {
	t.Helper()
	var config map[string]any
	readJSON(t, path, &config)
	delete(config, "dtype")
	config["torch_dtype"] = "float32"
	out, err := json.Marshal(config)
	must(t, err)
	return out
}
