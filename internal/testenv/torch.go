package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TorchMiniLM is the folder of the real all-MiniLM-L6-v2 with its weights rewritten as pytorch_model.bin, in a form that
// testdata/weights/make.py knows: zip, legacy, sharded, state_dict or views. It is a copy of 90 MB for this test alone.
func TorchMiniLM(t testing.TB, form string) string {
	t.Helper()
	python, model := Python(t), MiniLM(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(model)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "model.safetensors")); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(Root(), "testdata", "weights", "make.py")
	out, err := exec.CommandContext(t.Context(), python, script, "rewrite", form,
		filepath.Join(model, "model.safetensors"), dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}
