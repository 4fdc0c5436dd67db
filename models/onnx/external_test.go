package onnx_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/onnx/pb"
)

// externalModel is a graph with one 16-byte tensor in another file.
func externalModel(t testing.TB, location string, entries ...string) []byte {
	t.Helper()
	entry := func(key, value string) []byte {
		return pb.AppendBytes(nil, 13, pb.AppendBytes(pb.AppendBytes(nil, 1, []byte(key)), 2, []byte(value)))
	}
	tensor := pb.AppendInt(pb.AppendInt(pb.AppendBytes(nil, 8, []byte("w")), 2, 1), 1, 4)
	tensor = append(pb.AppendInt(tensor, 14, 1), entry("location", location)...)
	for i := 0; i < len(entries); i += 2 {
		tensor = append(tensor, entry(entries[i], entries[i+1])...)
	}
	return modelOf(pb.AppendBytes(nil, 5, tensor))
}

func writeFile(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func link(t testing.TB, target, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}

func TestCheckExternal(t *testing.T) {
	t.Parallel()
	weights := make([]byte, 20)
	tests := map[string]struct {
		model []byte
		setup func(t *testing.T, dir string)
		kind  failure.Kind
	}{
		"fits":           {externalModel(t, "w.bin"), nil, ""},
		"fits at offset": {externalModel(t, "w.bin", "offset", "4", "length", "16"), nil, ""},
		"subfolder": {externalModel(t, "data/w.bin"), func(t *testing.T, dir string) {
			writeFile(t, filepath.Join(dir, "data", "w.bin"), weights)
		}, ""},
		"past the end":  {externalModel(t, "w.bin", "offset", "5"), nil, failure.KindTruncated},
		"far offset":    {externalModel(t, "w.bin", "offset", "999999999999"), nil, failure.KindTruncated},
		"wrong length":  {externalModel(t, "w.bin", "length", "8"), nil, failure.KindInvalidFormat},
		"missing":       {externalModel(t, "other.bin"), nil, failure.KindMissingFile},
		"parent":        {externalModel(t, "../w.bin"), nil, failure.KindUnsafePath},
		"hidden parent": {externalModel(t, "a/../../w.bin"), nil, failure.KindUnsafePath},
		"windows":       {externalModel(t, `..\w.bin`), nil, failure.KindUnsafePath},
		"absolute":      {externalModel(t, "/etc/passwd"), nil, failure.KindUnsafePath},
		"drive":         {externalModel(t, `C:\w.bin`), nil, failure.KindUnsafePath},
		"nul":           {externalModel(t, "w.bin\x00"), nil, failure.KindUnsafePath},
		"memory":        {externalModel(t, "*/_ORT_MEM_ADDR_/*", "offset", "4096"), nil, failure.KindUnsafePath},
		"folder": {externalModel(t, "sub"), func(t *testing.T, dir string) {
			writeFile(t, filepath.Join(dir, "sub", "x"), nil)
		}, failure.KindInvalidFormat},
		"empty": {externalModel(t, "e.bin"), func(t *testing.T, dir string) {
			writeFile(t, filepath.Join(dir, "e.bin"), nil)
		}, failure.KindEmptyFile},
		"link out": {externalModel(t, "l.bin"), func(t *testing.T, dir string) {
			outside := filepath.Join(t.TempDir(), "w.bin")
			writeFile(t, outside, weights)
			link(t, outside, filepath.Join(dir, "l.bin"))
		}, failure.KindUnsafePath},
		"folder link out": {externalModel(t, "d/w.bin"), func(t *testing.T, dir string) {
			outside := t.TempDir()
			writeFile(t, filepath.Join(outside, "w.bin"), weights)
			link(t, outside, filepath.Join(dir, "d"))
		}, failure.KindUnsafePath},
		"dangling": {externalModel(t, "l.bin"), func(t *testing.T, dir string) {
			link(t, "nowhere", filepath.Join(dir, "l.bin"))
		}, failure.KindMissingFile},
		"link inside": {externalModel(t, "l.bin"), func(t *testing.T, dir string) {
			link(t, "w.bin", filepath.Join(dir, "l.bin"))
		}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, "w.bin"), weights)
			path := filepath.Join(dir, "model.onnx")
			writeFile(t, path, test.model)
			if test.setup != nil {
				test.setup(t, dir)
			}
			h, err := onnx.ReadHead(path)
			if err != nil {
				t.Fatal(err)
			}
			if len(h.ExternalFiles) != 1 {
				t.Fatalf("external files: %q", h.ExternalFiles)
			}
			err = onnx.CheckExternal(h, dir)
			if kind := kindOf(t, err); kind != test.kind {
				t.Errorf("expected %q, found %q: %v", test.kind, kind, err)
			}
		})
	}
}

// TestHubLinks: in a Hugging Face cache every file is a link into the repository's blobs, and only there.
func TestHubLinks(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	repo := filepath.Join(cache, "models--org--name")
	snapshot := filepath.Join(repo, "snapshots", strings.Repeat("a", 40), "onnx")
	writeFile(t, filepath.Join(repo, "blobs", "b1"), make([]byte, 16))
	writeFile(t, filepath.Join(cache, "models--other--name", "blobs", "b2"), make([]byte, 16))
	writeFile(t, filepath.Join(repo, "refs", "b3"), make([]byte, 16))
	link(t, "../../../blobs/b1", filepath.Join(snapshot, "own.bin"))
	link(t, "../../../../models--other--name/blobs/b2", filepath.Join(snapshot, "other.bin"))
	link(t, "../../../refs/b3", filepath.Join(snapshot, "refs.bin"))
	for location, kind := range map[string]failure.Kind{
		"own.bin": "", "other.bin": failure.KindUnsafePath, "refs.bin": failure.KindUnsafePath,
	} {
		path := filepath.Join(snapshot, location+".onnx")
		writeFile(t, path, externalModel(t, location))
		h, err := onnx.ReadHead(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := onnx.CheckExternal(h, snapshot); kindOf(t, err) != kind {
			t.Errorf("%s: expected %q, found %v", location, kind, err)
		}
	}
}

// TestLinksIntoTheUsersCache: external data may be a link into the blobs of a cache that is the user's own.
func TestLinksIntoTheUsersCache(t *testing.T) {
	t.Parallel()
	cache, dir := t.TempDir(), t.TempDir()
	blob := filepath.Join(cache, "models--org--name", "blobs", "b1")
	writeFile(t, blob, make([]byte, 16))
	link(t, blob, filepath.Join(dir, "weights.bin"))
	path := filepath.Join(dir, "model.onnx")
	writeFile(t, path, externalModel(t, "weights.bin"))
	h, err := onnx.ReadHead(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := onnx.CheckExternal(h, dir, cache); err != nil {
		t.Error(err)
	}
	for _, caches := range [][]string{nil, {dir}, {filepath.Dir(cache)}} {
		if err := onnx.CheckExternal(h, dir, caches...); kindOf(t, err) != failure.KindUnsafePath {
			t.Errorf("caches %q: expected %q, found %v", caches, failure.KindUnsafePath, err)
		}
	}
}
