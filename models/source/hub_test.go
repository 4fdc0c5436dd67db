package source_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/source"
)

const (
	commitA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	commitB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

// hubRepo is a repository as huggingface_hub lays it out in a cache: blobs, refs, and snapshots made of links.
func hubRepo(name string) map[string]string {
	repo := "models--" + strings.ReplaceAll(name, "/", "--") + "/"
	return map[string]string{
		repo + "blobs/config":                                `{"model_type":"bert"}`,
		repo + "blobs/weights":                               "weights",
		repo + "blobs/graph":                                 "graph",
		repo + "refs/main":                                   commitA,
		repo + "refs/v1":                                     commitB + "\n",
		repo + "refs/refs/pr/3":                              commitB,
		repo + "snapshots/" + commitA + "/config.json":       "-> ../../blobs/config",
		repo + "snapshots/" + commitA + "/model.safetensors": "-> ../../blobs/weights",
		repo + "snapshots/" + commitB + "/config.json":       "-> ../../blobs/config",
		repo + "snapshots/" + commitB + "/onnx/model.onnx":   "-> ../../../blobs/graph",
	}
}

// hub makes a cache with repositories and returns options that find it through HF_HUB_CACHE.
func hub(t testing.TB, names ...string) (cache string, o source.Options) {
	t.Helper()
	cache = folderOf(t)
	for _, name := range names {
		tree(t, cache, hubRepo(name))
	}
	return cache, env(t, map[string]string{"HF_HUB_CACHE": cache})
}

func env(t testing.TB, variables map[string]string) source.Options {
	return source.Options{Env: func(name string) string { return variables[name] }, Home: t.TempDir()}
}

func TestHubName(t *testing.T) {
	t.Parallel()
	cache, o := hub(t, "org/name", "sentence-transformers/all-MiniLM-L6-v2", "gpt2")
	snapshot := func(name, commit string) string {
		return filepath.Join(cache, "models--"+strings.ReplaceAll(name, "/", "--"), "snapshots", commit)
	}
	for ref, want := range map[string]struct{ name, publisher, commit string }{
		"org/name":                               {"org/name", "org", commitA},
		"org/name@main":                          {"org/name", "org", commitA},
		"org/name@v1":                            {"org/name", "org", commitB},
		"org/name@refs/pr/3":                     {"org/name", "org", commitB},
		"org/name@" + commitB:                    {"org/name", "org", commitB},
		"org/name@bbbb":                          {"org/name", "org", commitB},
		"all-MiniLM-L6-v2":                       {"sentence-transformers/all-MiniLM-L6-v2", "sentence-transformers", commitA},
		"sentence-transformers/all-MiniLM-L6-v2": {"sentence-transformers/all-MiniLM-L6-v2", "sentence-transformers", commitA},
		"gpt2":                                   {"gpt2", "", commitA},
	} {
		s, err := source.Resolve(ref, o)
		if err != nil {
			t.Errorf("%s: %v", ref, err)
			continue
		}
		dir := snapshot(want.name, want.commit)
		file := "model.safetensors"
		if want.commit == commitB {
			file = "onnx/model.onnx"
		}
		if s.Kind != source.KindHub || s.Name != want.name || s.Publisher != want.publisher || s.Revision != want.commit ||
			s.Dir != dir || s.WeightFile() != filepath.Join(dir, filepath.FromSlash(file)) {
			t.Errorf("%s: got %+v", ref, s)
		}
	}
}

// TestHubPaths: paths into a cache have the identity too.
func TestHubPaths(t *testing.T) {
	t.Parallel()
	cache, _ := hub(t, "org/name")
	repo := filepath.Join(cache, "models--org--name")
	for path, want := range map[string]string{
		repo: commitA,
		filepath.Join(repo, "snapshots", commitB):                       commitB,
		filepath.Join(repo, "snapshots", commitB, "onnx", "model.onnx"): commitB,
	} {
		s, err := source.Resolve(path, noEnv(t))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if s.Name != "org/name" || s.Revision != want || s.Dir != filepath.Join(repo, "snapshots", want) {
			t.Errorf("%s: got %+v", path, s)
		}
	}
}

func TestHubFailures(t *testing.T) {
	t.Parallel()
	cache, o := hub(t, "org/name")
	tree(t, cache, map[string]string{
		"models--org--dangling/refs/main":                                   commitA,
		"models--org--dangling/snapshots/" + commitA + "/model.safetensors": "-> ../../blobs/gone",
		"models--org--norefs/snapshots/" + commitA + "/model.onnx":          "x",
		"models--org--norefs/snapshots/" + commitB + "/model.onnx":          "x",
		"models--org--single/snapshots/" + commitB + "/model.onnx":          "x",
		"models--org--nosnapshot/refs/main":                                 commitA,
		"models--org--nothing/blobs/b":                                      "",
		"models--org--badref/refs/main":                                     "../../../etc",
		"models--org--config/refs/main":                                     commitA,
		"models--org--config/snapshots/" + commitA + "/config.json":         "{}",
		"models--org--out/refs/main":                                        commitA,
		"models--org--out/snapshots/" + commitA + "/model.onnx":             "-> ../../../models--org--name/blobs/graph",
		"models--org--out/blobs/x":                                          "",
	})
	for ref, want := range map[string]struct {
		kind failure.Kind
		says string
	}{
		"org/dangling":   {failure.KindMissingFile, "hf download org/dangling"},
		"org/norefs":     {failure.KindAmbiguous, "org/norefs@REVISION"},
		"org/nosnapshot": {failure.KindMissingFile, "incomplete"},
		"org/nothing":    {failure.KindMissingFile, "no snapshot"},
		"org/badref":     {failure.KindMissingFile, "damaged"},
		"org/config":     {failure.KindMissingFile, "holds no weights"},
		"org/out":        {failure.KindUnsafePath, "link out"},
		"org/name@v9":    {failure.KindNotFound, "cached are"},
		"org/nane":       {failure.KindNotFound, "did you mean org/name"},
		"other/name":     {failure.KindNotFound, "did you mean org/name"},
		"org/unheard-of": {failure.KindNotFound, "hf download org/unheard-of"},
	} {
		_, err := source.Resolve(ref, o)
		if kindOf(t, err) != want.kind || !strings.Contains(err.Error(), want.says) {
			t.Errorf("%s: expected %s with %q, found: %v", ref, want.kind, want.says, err)
		}
	}
	if s, err := source.Resolve("org/single", o); err != nil || s.Revision != commitB {
		t.Errorf("a single snapshot without refs: %+v, %v", s, err)
	}
}

// TestCacheFolders: which variables name the cache, in which order.
func TestCacheFolders(t *testing.T) {
	t.Parallel()
	root := folderOf(t)
	place := func(dir string) string {
		files := map[string]string{}
		for name, content := range hubRepo("org/name") {
			files[dir+"/"+name] = content
		}
		tree(t, root, files)
		return filepath.Join(root, filepath.FromSlash(dir))
	}
	st, hubCache, old, home, xdg, def := place("st"), place("hubcache"), place("old"), place("hfhome/hub"), place("xdg/huggingface/hub"), place("home/.cache/huggingface/hub")
	variables := []struct{ name, value, want string }{
		{"", "", def},
		{"XDG_CACHE_HOME", filepath.Join(root, "xdg"), xdg},
		{"HF_HOME", filepath.Join(root, "hfhome"), home},
		{"HUGGINGFACE_HUB_CACHE", old, old},
		{"HF_HUB_CACHE", "$ROOT/hubcache", hubCache},
		{"SENTENCE_TRANSFORMERS_HOME", "~/../st", st},
	}
	set := map[string]string{"ROOT": root}
	for _, v := range variables {
		set[v.name] = v.value // each wins over those before it
		o := source.Options{Env: func(name string) string { return set[name] }, Home: filepath.Join(root, "home")}
		s, err := source.Resolve("org/name", o)
		if err != nil {
			t.Fatalf("%s: %v", v.name, err)
		}
		if !strings.HasPrefix(s.Dir, v.want+string(filepath.Separator)) {
			t.Errorf("%s=%s: expected a folder in %s, found %s", v.name, v.value, v.want, s.Dir)
		}
	}
}

// TestOldSentenceTransformersCache: before version 2.3 models were plain folders in torch's cache.
func TestOldSentenceTransformersCache(t *testing.T) {
	t.Parallel()
	home := folderOf(t, ".cache/torch/sentence_transformers/sentence-transformers_m/model.safetensors")
	s, err := source.Resolve("m", source.Options{Env: func(string) string { return "" }, Home: home})
	if err != nil || s.Name != "sentence-transformers/m" || s.Publisher != "sentence-transformers" || s.Revision != "" {
		t.Errorf("got %+v, %v", s, err)
	}
}

// TestFolderBeforeCache: what is there as a path is meant, as sentence-transformers takes it.
func TestFolderBeforeCache(t *testing.T) {
	dir := folderOf(t, "org/name/model.onnx")
	_, o := hub(t, "org/name")
	t.Chdir(dir)
	s, err := source.Resolve("org/name", o)
	if err != nil || s.Kind != source.KindFolder || s.Name != "" {
		t.Errorf("got %+v, %v", s, err)
	}
}
