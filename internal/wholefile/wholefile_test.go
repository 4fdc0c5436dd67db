package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// names lists a folder, so that a test sees temporary files that stayed behind.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func expectFile(t *testing.T, path, content string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil || string(data) != content {
		t.Errorf("%s: expected %q, found %q, %v", path, content, data, err)
	}
	if all := names(t, filepath.Dir(path)); len(all) != 1 {
		t.Errorf("expected one file, found %v", all)
	}
}

func TestWriteReplacesWhole(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.json")
	for _, content := range []string{"first, and longer", "second"} {
		if err := Write(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		expectFile(t, path, content)
	}
}

func TestDiscardLeavesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.json")
	if err := Write(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("half"); err != nil {
		t.Fatal(err)
	}
	f.Discard()
	expectFile(t, path, "before")
}

func TestWriteIntoNoFolder(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "absent", "out.json")
	if err := Write(path, nil, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("expected fs.ErrNotExist, found %v", err)
	}
}

func TestInARoot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	if err := CreateIn(root, "id", []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := CreateIn(root, "id", []byte("second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("expected fs.ErrExist, found %v", err)
	}
	expectFile(t, filepath.Join(dir, "id"), "first")
	if err := WriteIn(root, "id", []byte("third")); err != nil {
		t.Fatal(err)
	}
	expectFile(t, filepath.Join(dir, "id"), "third")
	if err := WriteIn(root, "../outside", nil); err == nil {
		t.Error("expected an error for a name outside the root")
	}
}
