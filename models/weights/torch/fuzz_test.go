package torch

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/divinedevops/probe/models/failure"
)

// FuzzOpen: whatever a file says, Open ends with tensors of different names inside the file, or with a *failure.Error.
func FuzzOpen(f *testing.F) {
	paths, err := filepath.Glob(filepath.Join(fixtures(), "*.[bp][it]*"))
	if err != nil || len(paths) == 0 {
		f.Fatalf("expected fixtures: %v", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(zipOf(dictOf(member("a", good))))
	f.Add(streamOf("", streamed("1", 2, "N"), keysOf("1"), counted(2, storage16[:8])))
	for _, files := range [][]hostileFile{inZip(), archives(), streams()} {
		for _, h := range files {
			if len(h.data) < 1<<12 {
				f.Add(h.data)
			}
		}
	}
	path := filepath.Join(f.TempDir(), SingleName)
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := Open(path)
		if err != nil {
			var e *failure.Error
			if !errors.As(err, &e) {
				t.Fatalf("expected a *failure.Error, got %v", err)
			}
			return
		}
		checkInside(t, data, file.Tensors)
	})
}

// FuzzPickle puts the bytes into a sound archive, which a fuzzer of whole files seldom gets past.
func FuzzPickle(f *testing.F) {
	f.Add([]byte(dictOf(member("a", good))))
	f.Add([]byte(proto2 + "}" + text("state_dict") + "}" + member("a", good) + "ss."))
	f.Add([]byte("\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00}\x94."))
	path := filepath.Join(f.TempDir(), SingleName)
	f.Fuzz(func(t *testing.T, pickle []byte) {
		data := zipOf(string(pickle))
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if file, err := Open(path); err == nil {
			checkInside(t, data, file.Tensors)
		}
	})
}
