package folder_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
)

func TestCheckRelative(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"", ".", "a", "a/b", "1_Pooling", "a..b", "...", ".hidden", "a/./b"} {
		if err := folder.CheckRelative(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"/", "/a", "..", "../a", "a/..", "a/../b", `\a`, `..\a`, `a\..\b`, "C:", `C:\a`, "c:a", "a\x00"} {
		if err := folder.CheckRelative(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

func FuzzCheckRelative(f *testing.F) {
	for _, s := range []string{"a/b", "../a", `a\..\b`, "C:x", "/", "a/./b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, rel string) {
		if folder.CheckRelative(rel) != nil {
			return
		}
		if joined := filepath.Join("/model", filepath.FromSlash(rel)); joined != "/model" && !filepath.IsLocal(joined[len("/model/"):]) {
			t.Errorf("%q leads to %s", rel, joined)
		}
	})
}

func TestParseHubDir(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]string{
		"models--org--name":     "org/name",
		"models--gpt2":          "gpt2",
		"models--a-b--c_d.e":    "a-b/c_d.e",
		"models--":              "",
		"models--a--b--c":       "",
		"datasets--org--name":   "",
		"models":                "",
		"sentence-transformers": "",
	} {
		name, ok := folder.ParseHubDir(dir)
		if name != want || ok != (want != "") {
			t.Errorf("%s: got %q, %v", dir, name, ok)
		}
		if ok && folder.HubDir(name) != dir {
			t.Errorf("%s: HubDir returned %s", dir, folder.HubDir(name))
		}
	}
}

func TestFindHubEntry(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/c/models--o--n/snapshots/abc", "/c/models--o--n/snapshots/abc/onnx/model.onnx"} {
		e, ok := folder.FindHubEntry(path)
		if !ok || e.Name != "o/n" || e.Revision != "abc" || e.RepoDir != "/c/models--o--n" ||
			e.SnapshotDir != "/c/models--o--n/snapshots/abc" {
			t.Errorf("%s: got %+v, %v", path, e, ok)
		}
	}
	for _, path := range []string{"/", "/c/models--o--n", "/c/models--o--n/snapshots", "/c/o/snapshots/abc", "/c/models--o--n/blobs/b"} {
		if e, ok := folder.FindHubEntry(path); ok {
			t.Errorf("%s: got %+v", path, e)
		}
	}
}

func TestReadFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.json"), "12345")
	write(t, filepath.Join(dir, "sub", "b"), "x")
	root, err := folder.Open(dir, failure.StageResolve)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := root.ReadFile("a.json", 5); err != nil || string(data) != "12345" {
		t.Errorf("got %q, %v", data, err)
	}
	for rel, want := range map[string]failure.Kind{
		"a.json": failure.KindTooLarge, "none": failure.KindMissingFile, "sub": failure.KindInvalidFormat, "../x": failure.KindUnsafePath,
		"a.json/x": failure.KindMissingFile,
	} {
		_, err := root.ReadFile(rel, 4)
		var e *failure.Error
		if !errors.As(err, &e) || e.Kind != want || e.Stage != failure.StageResolve {
			t.Errorf("%s: expected %s, found %v", rel, want, err)
		}
	}
	if !root.Has("sub/b") || root.Has("sub") || root.Has("none") || root.Has("../a.json") || root.Listed("../a.json") {
		t.Error("Has or Listed")
	}
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), "")
	for _, path := range []string{filepath.Join(dir, "none"), filepath.Join(dir, "file")} {
		_, err := folder.Open(path, failure.StageLoad)
		var e *failure.Error
		if !errors.As(err, &e) || e.Kind != failure.KindNotFound {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestOpenThroughLink: the folder itself may be a link, because the user named it.
func TestOpenThroughLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "real", "a"), "x")
	if err := os.Symlink("real", filepath.Join(dir, "alias")); err != nil {
		t.Fatal(err)
	}
	root, err := folder.Open(filepath.Join(dir, "alias"), failure.StageLoad)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Base(root.Dir) != "real" || !root.Has("a") {
		t.Errorf("got %s", root.Dir)
	}
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
