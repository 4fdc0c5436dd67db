//go:build unix

package folder_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
)

// TestNamedPipe: opening a pipe waits for a writer, so a model that holds one would hang the reader.
func TestNamedPipe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "config.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := folder.Open(dir, failure.StageLoad)
	if err != nil {
		t.Fatal(err)
	}
	_, err = root.ReadFile("config.json", 10)
	var e *failure.Error
	if !errors.As(err, &e) || e.Kind != failure.KindInvalidFormat {
		t.Errorf("expected invalid_format, found %v", err)
	}
}
