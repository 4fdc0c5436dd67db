package graph

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/onnx"
)

// exported writes both kinds of export of a model and returns their paths.
func exported(t *testing.T, dir string, r *Result, name string) (inside, external string) {
	t.Helper()
	inside, external = filepath.Join(dir, name+".onnx"), filepath.Join(dir, name+"-external.onnx")
	var model, head, data bytes.Buffer
	if err := r.Export(&model); err != nil {
		t.Fatal(err)
	}
	if err := r.ExportExternal(&head, &data, name+"-external.onnx.data"); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{inside: model.Bytes(), external: head.Bytes(), external + ".data": data.Bytes()}
	for path, content := range files {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return inside, external
}

// TestExportsGiveTheSameVectors exports every model and holds the files against PyTorch again.
func TestExportsGiveTheSameVectors(t *testing.T) {
	t.Parallel()
	for _, name := range names(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, weights, want := load(t, name)
			result, err := Build(config, weights)
			if err != nil {
				t.Fatal(err)
			}
			texts, _ := want.split()
			inside, external := exported(t, t.TempDir(), result, name)
			for _, path := range []string{inside, external} {
				head, err := onnx.ReadHead(path)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, fast(t), engine.Graph{Path: path, Inputs: head.Inputs, Outputs: head.Outputs}, texts)
			}
		})
	}
}

// TestExportsPassTheChecker runs onnx.checker and Python's onnxruntime over the exports of every model at once.
func TestExportsPassTheChecker(t *testing.T) {
	t.Parallel()
	python := testenv.Python(t)
	dir := t.TempDir()
	args := []string{folder("check_export.py")}
	for _, name := range names(t) {
		config, weights, _ := load(t, name)
		result, err := Build(config, weights)
		if err != nil {
			t.Fatal(err)
		}
		inside, external := exported(t, dir, result, name)
		args = append(args, inside, folder(name+".json"), external, folder(name+".json"))
	}
	out, err := exec.CommandContext(t.Context(), python, args...).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestExportsAreTheSameBytes: the same model makes the same file, and its length is known before it is written.
func TestExportsAreTheSameBytes(t *testing.T) {
	t.Parallel()
	config, weights, _ := load(t, "clip")
	var first, second bytes.Buffer
	for _, out := range []*bytes.Buffer{&first, &second} {
		result, err := Build(config, weights)
		if err != nil {
			t.Fatal(err)
		}
		if err := result.Export(out); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two exports of one model differ")
	}
}
