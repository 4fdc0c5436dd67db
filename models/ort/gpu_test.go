package ort

import (
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"testing"
)

func TestProviderMissing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	library := filepath.Join(dir, "libonnxruntime.so")
	files := providerLibraries[goruntime.GOOS]
	if len(files) == 0 {
		if err := providerMissing(library); err == nil || !strings.Contains(err.Error(), goruntime.GOOS) {
			t.Errorf("expected no CUDA on %s, found %v", goruntime.GOOS, err)
		}
		return
	}
	for _, name := range files {
		err := providerMissing(library)
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "onnxruntime-gpu") {
			t.Errorf("expected an error that names %s, found %v", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// With all files there, it depends on the machine.
	if err := providerMissing(library); (err == nil) != gpuPresent() {
		t.Errorf("expected what is missing to be the driver alone (it is there: %v), found %v", gpuPresent(), err)
	}
}
