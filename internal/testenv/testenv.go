// Package testenv finds what the tests need beyond the repository: the ONNX Runtime library, the real models and a
// Python with reference libraries. `make testenv` puts them into .testenv/ at the top of the checkout.
//
// In CI (CI=true) a missing piece fails the test, so that a green run has run everything; elsewhere it skips it.
package testenv

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Root is the top of the checkout.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

// ONNXRuntime is the path of the pinned ONNX Runtime shared library.
func ONNXRuntime(t testing.TB) string { return need(t, "lib", "libonnxruntime.so") }

// MiniLM is the folder of the real all-MiniLM-L6-v2: a sentence-transformers folder with safetensors and no ONNX.
func MiniLM(t testing.TB) string { return need(t, "models", "all-MiniLM-L6-v2") }

// MiniLMInt8 is the int8 ONNX file of all-MiniLM-L6-v2, alone in its folder (no tokenizer).
func MiniLMInt8(t testing.TB) string { return need(t, "models", "minilm-int8", "model.onnx") }

// ParaphraseL3 is the awkward ONNX file of paraphrase-MiniLM-L3-v2 (see DESIGN: its outputs are int64 first).
func ParaphraseL3(t testing.TB) string {
	return need(t, "models", "paraphrase-MiniLM-L3-v2", "model.onnx")
}

// Python is an interpreter that has tokenizers, numpy, onnxruntime and vector-inspector at pinned versions.
func Python(t testing.TB) string { return need(t, "venv", "bin", "python") }

// Zoo is a committed model of testdata/zoo.
func Zoo(name string) string { return filepath.Join(Root(), "testdata", "zoo", name) }

func need(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{Root(), ".testenv"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("expected %s, which `make testenv` installs: %v", path, err)
		}
		t.Skipf("needs %s: run `make testenv` once", path)
	}
	return path
}
