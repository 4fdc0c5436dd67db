package source_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/source"
)

const (
	webPage    = "<!DOCTYPE html><html><body>Sign in</body></html>"
	lfsPointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
)

// TestWrongFiles: what is not what its name says is named for what it is, with a way out.
func TestWrongFiles(t *testing.T) {
	t.Parallel()
	const invalid, unsupported = failure.KindInvalidFormat, failure.KindUnsupportedFormat
	for name, c := range map[string]struct {
		files []string
		ref   string // below the folder; "" is the folder
		kind  failure.Kind
		says  []string
	}{
		"web page":         {[]string{"config.json={}", "model.safetensors=" + webPage}, "", invalid, []string{"model.safetensors", "web page"}},
		"pointer":          {[]string{"config.json={}", "model.safetensors=" + lfsPointer}, "", invalid, []string{"LFS", "git lfs pull"}},
		"torch pointer":    {[]string{"config.json={}", "pytorch_model.bin=" + lfsPointer}, "", invalid, []string{"pytorch_model.bin", "LFS"}},
		"graph is a page":  {[]string{"config.json={}", "model.onnx=" + webPage}, "", invalid, []string{"model.onnx", "web page"}},
		"gzip":             {[]string{"config.json={}", "model.safetensors=\x1f\x8b\x08"}, "", invalid, []string{"gzip", "unpack"}},
		"GGUF":             {[]string{"model-q8.gguf=GGUF"}, "", unsupported, []string{"model-q8.gguf", "llama.cpp"}},
		"TensorFlow":       {[]string{"config.json={}", "tf_model.h5=\x89HDF"}, "", unsupported, []string{"tf_model.h5", "TensorFlow", "from_tf"}},
		"adapter":          {[]string{"adapter_config.json={}", "adapter_model.safetensors"}, "", unsupported, []string{"PEFT", "merge_and_unload"}},
		"below":            {[]string{"config.json={}", "openvino/openvino_model.xml"}, "", unsupported, []string{"openvino/openvino_model.xml"}},
		"unusual name":     {[]string{"config.json={}", "weights.pt=\x80\x02"}, "", unsupported, []string{"weights.pt", "give the file itself"}},
		"GGUF by content":  {[]string{"model.dat=GGUF"}, "model.dat", unsupported, []string{"llama.cpp"}},
		"page by content":  {[]string{"model.dat=" + webPage}, "model.dat", invalid, []string{"web page"}},
		"file of weights":  {[]string{"config.json={}", "model.safetensors=" + webPage}, "model.safetensors", invalid, []string{"web page"}},
		"archive is whole": {[]string{"model.tar.gz=\x1f\x8b\x08"}, "model.tar.gz", unsupported, []string{"archive", "unpack"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := source.Resolve(filepath.Join(folderOf(t, c.files...), c.ref), noEnv(t))
			if kind := kindOf(t, err); kind != c.kind {
				t.Fatalf("kind %q, expected %q: %v", kind, c.kind, err)
			}
			for _, says := range c.says {
				if !strings.Contains(err.Error(), says) {
					t.Errorf("expected %q in: %v", says, err)
				}
			}
			if strings.Contains(err.Error(), " --") {
				t.Errorf("a library names no flag: %v", err)
			}
		})
	}
}

// TestOneOfTwoIsWrong: where a graph and weights are there, the one that is right is run, and a warning names the other.
func TestOneOfTwoIsWrong(t *testing.T) {
	t.Parallel()
	for format, files := range map[source.Format][]string{
		source.FormatONNX:        {"config.json={}", "model.onnx=\x08\x07", "model.safetensors=" + webPage},
		source.FormatSafetensors: {"config.json={}", "model.onnx=" + lfsPointer, "model.safetensors"},
	} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			s, err := source.Resolve(folderOf(t, files...), noEnv(t))
			if err != nil {
				t.Fatal(err)
			}
			if s.Format != format || len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "not what its name says") {
				t.Errorf("format %q, warnings %q", s.Format, s.Warnings)
			}
		})
	}
}

// TestLinksIntoTheUsersCache: huggingface_hub before 0.23 filled a folder with links into the cache's blobs. Those of the
// user's own cache are followed; a blob of any other folder is out of the model.
func TestLinksIntoTheUsersCache(t *testing.T) {
	t.Parallel()
	cache := folderOf(t, "models--org--name/blobs/abc", "elsewhere/abc")
	for target, kind := range map[string]failure.Kind{
		"models--org--name/blobs/abc": "", "elsewhere/abc": failure.KindUnsafePath,
	} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			dir := folderOf(t, "config.json={}", "model.safetensors=-> "+filepath.Join(cache, filepath.FromSlash(target)))
			o := noEnv(t)
			if got := kindOf(t, second(source.Resolve(dir, o))); got != failure.KindUnsafePath {
				t.Errorf("without that cache: %q, expected %q", got, failure.KindUnsafePath)
			}
			o.Env = func(name string) string { return map[string]string{"HF_HUB_CACHE": cache}[name] }
			if got := kindOf(t, second(source.Resolve(dir, o))); got != kind {
				t.Errorf("with that cache: %q, expected %q", got, kind)
			}
		})
	}
}

func second(_ *source.Source, err error) error { return err }

// TestURLs: the address of a hub's page names a model that may be in the cache; nothing is fetched.
func TestURLs(t *testing.T) {
	t.Parallel()
	cache := folderOf(t, "models--org--name/refs/main=abc", "models--org--name/snapshots/abc/config.json={}",
		"models--org--name/snapshots/abc/model.safetensors", "models--org--name/snapshots/abc/onnx/model_O2.onnx=\x08\x07")
	o := noEnv(t)
	o.Env = func(name string) string { return map[string]string{"HF_HUB_CACHE": cache}[name] }
	for ref, want := range map[string]source.Format{
		"https://huggingface.co/org/name":           source.FormatSafetensors,
		"https://huggingface.co/org/name/tree/main": source.FormatSafetensors,
		"huggingface.co/org/name":                   source.FormatSafetensors,
		"hf://org/name":                             source.FormatSafetensors,
		"org/name/":                                 source.FormatSafetensors,
		"https://huggingface.co/org/name/blob/main/onnx/model_O2.onnx":  source.FormatONNX,
		"https://huggingface.co/datasets/org/name":                      "",
		"https://example.com/model.onnx":                                "",
		"https://huggingface.co/org/name/tree/other-branch/with/folder": "",
	} {
		t.Run(ref, func(t *testing.T) {
			t.Parallel()
			s, err := source.Resolve(ref, o)
			if want == "" {
				if kindOf(t, err) != failure.KindNotFound {
					t.Errorf("expected %q, found %v", failure.KindNotFound, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if s.Format != want || s.Name != "org/name" || s.Ref != strings.TrimSuffix(ref, "/") && s.Ref != ref {
				t.Errorf("format %q, name %q, REF %q", s.Format, s.Name, s.Ref)
			}
		})
	}
}

// TestUnfinishedDownload: a download that was cut is a warning with what is missing.
func TestUnfinishedDownload(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, "config.json={}", "model.safetensors", ".cache/huggingface/download/abc.incomplete=x")
	s, err := source.Resolve(dir, noEnv(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "not finished") || !strings.Contains(s.Warnings[0], "tokenizer.json") {
		t.Errorf("warnings %q", s.Warnings)
	}
}

// TestDownloadNotes: huggingface_hub notes commit and digest of what it put into a folder; a file that was changed since is
// another one.
func TestDownloadNotes(t *testing.T) {
	t.Parallel()
	commit, digest := strings.Repeat("a1", 20), strings.Repeat("b2", 32)
	const metadata = ".cache/huggingface/download/model.safetensors.metadata="
	for name, c := range map[string]struct{ note, commit, digest string }{
		"large file":      {commit + "\n" + digest + "\n99999999999.5\n", commit, digest},
		"small file":      {commit + "\n" + commit + "\n99999999999.5\n", commit, ""},
		"changed since":   {commit + "\n" + digest + "\n1000.0\n", "", ""},
		"cut":             {commit + "\n", "", ""},
		"not a commit":    {"main\n" + digest + "\n99999999999.5\n", "", ""},
		"not a timestamp": {commit + "\n" + digest + "\nyesterday\n", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := source.Resolve(folderOf(t, "config.json={}", "model.safetensors", metadata+c.note), noEnv(t))
			if err != nil {
				t.Fatal(err)
			}
			if s.Revision != c.commit || s.RecordedDigest != c.digest || s.Name != "" {
				t.Errorf("revision %q, digest %q, name %q", s.Revision, s.RecordedDigest, s.Name)
			}
		})
	}
}
