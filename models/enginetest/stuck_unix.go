//go:build unix

package enginetest

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
)

// systemTests need what not every system has.
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
	fails(t, err, failure.StageLoad, failure.KindTimeout)
	// The goroutine left behind ends when somebody does write.
	w, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
