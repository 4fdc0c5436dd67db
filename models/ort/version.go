//go:build cgo

package ort

import (
	"os"

	"github.com/divinedevops/probe/models/ort/library"
	"github.com/divinedevops/probe/vocabulary"
)

// checkVersion refuses a library that is too old from its file alone: loading it would print to stderr. A library that
// does not tell its version is let through; loading it decides.
func checkVersion(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return unavailable("cannot load ONNX Runtime: %w", err)
	}
	defer f.Close()
	info, err := library.ReadFileInfo(f)
	if err != nil {
		return unavailable("%s is not an ONNX Runtime library: %w", path, err)
	}
	if v := info.Version; !v.IsZero() && v.Compare(library.MinVersion) < 0 {
		return unavailable("expected ONNX Runtime %s or newer, found %s at %s", library.MinVersion, v, path).
			With(vocabulary.RemedyInstallRuntime)
	}
	return nil
}
