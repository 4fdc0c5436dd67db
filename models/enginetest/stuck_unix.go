//go:build unix

package enginetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
)

// systemTests need what only some systems have.
var systemTests = map[string]func(*testing.T, Engine){"leaves an Open that is stuck": stuckOpen}

// stuckOpen returns a file that cannot be read to its end: a pipe that nobody writes to.
func stuckOpen(t *testing.T, e Engine) {
	path := filepath.Join(t.TempDir(), "model.onnx")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	g := lookupGraph().Engine("")
	g.Path, g.Bytes = path, nil
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := e.Open(ctx, g, engine.Options{TempDir: t.TempDir()})
	// An engine that opens regular files only has nothing to wait for.
	var fault *failure.Error
	if errors.As(err, &fault) && fault.Kind == failure.KindNotFound {
		fails(t, err, failure.StageLoad, failure.KindNotFound, "regular file")
	} else {
		fails(t, err, failure.StageLoad, failure.KindTimeout)
	}
	// The goroutine left behind ends when somebody does write. Opened for both, the pipe does not wait for a reader, who may
	// not have come yet, or at all if the time was over before.
	w, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
