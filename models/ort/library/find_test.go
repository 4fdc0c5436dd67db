package library

import (
	"debug/elf"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/divinedevops/probe/models/failure"
)

// search looks below one temporary folder alone.
func search(root string, env map[string]string) Search {
	return Search{
		Getenv:     func(name string) string { return env[name] },
		Executable: filepath.Join(root, "bin", "probe"), Cache: filepath.Join(root, "cache"),
		System: []string{filepath.Join(root, "usr", "lib")}, OS: "linux", Arch: "amd64",
	}
}

// TestFindOrder fills every place, then empties them one by one: what is found next is the order of the search.
func TestFindOrder(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	env := map[string]string{
		"ONNXRUNTIME_SHARED_LIBRARY_PATH": filepath.Join(root, "first.so"),
		"ORT_DYLIB_PATH":                  filepath.Join(root, "second.so"),
		"VIRTUAL_ENV":                     filepath.Join(root, "venv"),
		"CONDA_PREFIX":                    filepath.Join(root, "conda"),
		"LD_LIBRARY_PATH":                 filepath.Join(root, "none") + ":" + filepath.Join(root, "ld"),
	}
	capi := filepath.Join("lib", "python3.11", "site-packages", "onnxruntime", "capi")
	order := []struct{ origin, path string }{
		{"ONNXRUNTIME_SHARED_LIBRARY_PATH", "first.so"},
		{"ORT_DYLIB_PATH", "second.so"},
		{"next to probe", "bin/libonnxruntime.so"},
		{"next to probe", "lib/libonnxruntime.so"},
		{"the cache", "cache/onnxruntime/1.31.1/libonnxruntime.so.1.31.1"},
		{"VIRTUAL_ENV", filepath.Join("venv", capi, "libonnxruntime.so.1.31.1")},
		{"CONDA_PREFIX", filepath.Join("conda", capi, "libonnxruntime.so.1.31.1")},
		{"CONDA_PREFIX", "conda/lib/libonnxruntime.so"},
		{"LD_LIBRARY_PATH", "ld/libonnxruntime.so.1"},
		{"system", "usr/lib/libonnxruntime.so"},
	}
	for _, place := range order {
		lib(t, "1.31.1", root, filepath.FromSlash(place.path))
	}
	all := search(root, env)
	all.All = true
	if found, err := Find(all); err != nil || len(found.Candidates) != len(order) {
		t.Errorf("expected %d candidates, found %+v (%v)", len(order), found.Candidates, err)
	}
	for _, place := range order {
		found, err := Find(search(root, env))
		want := filepath.Join(root, filepath.FromSlash(place.path))
		if err != nil || found.Path != want || found.Origin != place.origin {
			t.Fatalf("expected %s by %s, found %+v (%v)", want, place.origin, found.Candidate, err)
		}
		if err := os.Remove(want); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Find(search(root, nil))
	wantUnavailable(t, err, "no ONNX Runtime library found")
}

func TestFindPassesOver(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	env := map[string]string{"ORT_DYLIB_PATH": filepath.Join(root, "gone.so"), "LD_LIBRARY_PATH": filepath.Join(root, "ld")}
	lib(t, "1.28.9", root, "bin", "libonnxruntime.so")
	write(t, fakeELF(t, elf.EM_AARCH64, "1.31.1"), root, "lib", "libonnxruntime.so")
	write(t, []byte("not a library"), root, "cache", "onnxruntime", "1.31.1", "libonnxruntime.so.1.31.1")
	good := lib(t, "1.30.0", root, "ld", "libonnxruntime.so.1.30.0")
	if err := os.Symlink(good, filepath.Join(root, "ld", "libonnxruntime.so")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, "usr", "lib", "libonnxruntime.so"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := search(root, env)
	s.All = true
	found, err := Find(s)
	if err != nil || found.Version != (Version{1, 30, 0}) {
		t.Fatalf("expected 1.30.0, found %+v (%v)", found.Candidate, err)
	}
	var reasons []string
	for _, c := range found.Candidates {
		reasons = append(reasons, c.Origin+": "+c.Reason)
	}
	want := []string{
		"ORT_DYLIB_PATH: there is no such file",
		"next to probe: version 1.28.9 is too old, expected 1.29.0 or newer",
		"next to probe: it is built for arm64, this is amd64",
		"the cache: not a shared library: it begins with the bytes 6e 6f 74 20",
		"LD_LIBRARY_PATH: ", // once, though it has two names
		"system: it is not a regular file",
	}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Error(diff)
	}
}

func TestFindTakesTheNewestOfAPlace(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	lib(t, "1.29.0", root, "cache", "onnxruntime", "1.29.0", "libonnxruntime.so.1.29.0")
	want := lib(t, "1.31.1", root, "cache", "onnxruntime", "1.31.1", "libonnxruntime.so.1.31.1")
	lib(t, "1.30.2", root, "cache", "onnxruntime", "1.30.2", "libonnxruntime.so.1.30.2")
	if found, err := Find(search(root, nil)); err != nil || found.Path != want {
		t.Errorf("expected %s, found %+v (%v)", want, found, err)
	}
}

func TestFindNamed(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	lib(t, "1.31.1", root, "bin", "libonnxruntime.so")
	s := search(root, nil)

	s.Named = lib(t, "1.20.0", root, "old.so")
	_, err := Find(s)
	wantUnavailable(t, err, "old.so", "too old") // it is not passed over: the user named it

	s.Named = filepath.Join(root, "empty")
	if err := os.Mkdir(s.Named, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err = Find(s)
	wantUnavailable(t, err, "holds none of")

	want := lib(t, "1.31.1", s.Named, "libonnxruntime.so")
	if found, err := Find(s); err != nil || found.Path != want {
		t.Errorf("expected %s, found %+v (%v)", want, found, err)
	}
}

func TestFindProvider(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	lib(t, "1.31.1", root, "bin", "libonnxruntime.so")
	want := lib(t, "1.31.1", root, "usr", "lib", "libonnxruntime.so")
	s := search(root, nil)
	s.Provider = "cuda"
	_, err := Find(s)
	wantUnavailable(t, err, "no cuda provider", "libonnxruntime_providers_cuda.so")
	write(t, nil, root, "usr", "lib", "libonnxruntime_providers_cuda.so")
	if found, err := Find(s); err != nil || found.Path != want || !slices.Equal(found.Providers, []string{"cuda"}) {
		t.Errorf("expected %s with cuda, found %+v (%v)", want, found, err)
	}
}

func TestNameVersion(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Version{
		"libonnxruntime.so.1.31.1": {1, 31, 1}, "libonnxruntime.1.31.1.dylib": {1, 31, 1}, "libonnxruntime.so": {},
		"libonnxruntime.so.1": {}, "onnxruntime.dll": {},
	} {
		if got := nameVersion(name); got != want {
			t.Errorf("%s: expected %v, found %v", name, want, got)
		}
	}
}

func wantUnavailable(t *testing.T, err error, parts ...string) {
	t.Helper()
	var e *failure.Error
	if !errors.As(err, &e) || e.Kind != failure.KindRuntimeUnavailable || e.Stage != failure.StageLoad {
		t.Fatalf("expected runtime_unavailable, found %v", err)
	}
	if len(e.Remedies) == 0 {
		t.Errorf("expected a remedy, found none with: %v", err)
	}
	for _, p := range parts {
		if !strings.Contains(e.Message, p) {
			t.Errorf("expected %q in: %s", p, e.Message)
		}
	}
}
