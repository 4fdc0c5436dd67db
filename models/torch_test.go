package models_test

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/source"
)

// pickled is a copy of a model's folder in which pytorch_model.bin replaces every other form of weights, those of the
// modules too.
func pickled(t *testing.T, model, form string) string {
	t.Helper()
	python, dir := testenv.Python(t), t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(model)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "onnx")); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(testenv.Root(), "testdata", "weights", "make.py")
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "model.safetensors" {
			return err
		}
		out, err := exec.CommandContext(t.Context(), python, script, "rewrite", form, path, filepath.Dir(path)).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return os.Remove(path)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestPickledModels: a model whose weights and modules' weights are pytorch_model.bin has the very vectors of its
// safetensors; so have static embeddings.
func TestPickledModels(t *testing.T) {
	t.Parallel()
	texts := []string{"a cat sits", "the quick brown fox jumps over the dog"}
	for _, name := range []string{"bert-dense", "static-st"} {
		for form, eng := range map[string]engine.Engine{"zip": engines(t)["go"], "legacy": engines(t)["onnxruntime"]} {
			if eng == nil {
				continue // a build without cgo has no ONNX Runtime
			}
			t.Run(name+"/"+form, func(t *testing.T) {
				t.Parallel()
				want := vectors(t, openModel(t, eng, testenv.Zoo(name), ""), texts)
				opened, err := models.Open(context.Background(), pickled(t, testenv.Zoo(name), form), models.Options{
					Source:  source.Options{Env: func(string) string { return "" }},
					Session: engine.Options{Threads: 1}, Engine: func(bool) (engine.Engine, error) { return eng, nil },
				})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					if err := opened.Model.Close(); err != nil {
						t.Error(err)
					}
				})
				got := vectors(t, opened.Model, texts)
				for i := range want {
					if len(want[i]) == 0 || !slices.Equal(got[i], want[i]) {
						t.Errorf("text %d: %v, expected %v", i, got[i], want[i])
					}
				}
			})
		}
	}
}

func vectors(t *testing.T, m models.Model, texts []string) [][]float32 {
	t.Helper()
	in, err := m.Prepare(texts, models.PrepareOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.Run(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	return b.Vectors
}
