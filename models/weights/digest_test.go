package weights

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/failure"
)

func kindOf(t *testing.T, err error) failure.Kind {
	t.Helper()
	var e *failure.Error
	if !errors.As(err, &e) {
		t.Fatalf("expected an *failure.Error, got %v", err)
	}
	return e.Kind
}

func writeFile(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func link(t testing.TB, target, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	writeFile(t, a, []byte("one"))
	writeFile(t, b, []byte("two"))
	sum := func(s string) string {
		h := sha256.Sum256([]byte(s))
		return hex.EncodeToString(h[:])
	}
	got, err := Digest(t.Context(), a)
	if err != nil || got != "sha256:"+sum("one") {
		t.Errorf("one file: %s, %v", got, err)
	}
	want := "sha256:" + sum(sum("one")+"  a\n"+sum("two")+"  b\n")
	for _, order := range [][]string{{a, b}, {b, a}} {
		if got, err := Digest(t.Context(), order...); err != nil || got != want {
			t.Errorf("two files: %s, %v, want %s", got, err, want)
		}
	}
	if _, err := Digest(t.Context(), filepath.Join(dir, "none")); kindOf(t, err) != failure.KindMissingFile {
		t.Errorf("missing: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Digest(ended, a); kindOf(t, err) != failure.KindTimeout {
		t.Errorf("ended: %v", err)
	}
}

// TestHubDigest takes the sha256 from the blob's name: the test's blob holds something else, so a digest that read it
// would differ.
func TestHubDigest(t *testing.T) {
	t.Parallel()
	repo := filepath.Join(t.TempDir(), "models--org--name")
	large, small := strings.Repeat("0a", sha256.Size), strings.Repeat("0b", 20)
	snapshot := filepath.Join(repo, "snapshots", "main")
	for i, blob := range []string{large, small} {
		writeFile(t, filepath.Join(repo, "blobs", blob), []byte("x"))
		link(t, filepath.Join("..", "..", "blobs", blob), filepath.Join(snapshot, "f"+strconv.Itoa(i)))
	}
	if got, err := Digest(t.Context(), filepath.Join(snapshot, "f0")); err != nil || got != "sha256:"+large {
		t.Errorf("large file: %s, %v", got, err)
	}
	x := sha256.Sum256([]byte("x"))
	if got, err := Digest(t.Context(), filepath.Join(snapshot, "f1")); err != nil || got != "sha256:"+hex.EncodeToString(x[:]) {
		t.Errorf("small file: %s, %v", got, err)
	}
}
