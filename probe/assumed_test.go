package probe_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/ort"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/render"
	"github.com/divinedevops/probe/vocabulary"
)

// model copies a model of testdata/cases, so that a test can change its files.
func model(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS(filepath.Join(testenv.Root(), "testdata", "cases", name))))
	return dir
}

func write(t *testing.T, text string, elem ...string) {
	t.Helper()
	path := filepath.Join(elem...)
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o644))
}

// onPooling are the findings that are of the vectors as they are pooled.
func onPooling() []string {
	return []string{vocabulary.KeyDistanceBehaviour, vocabulary.KeyDistanceMetric, vocabulary.KeyFingerprint, vocabulary.KeyIsotropy, vocabulary.KeyKnownAs,
		vocabulary.KeyLanguages, vocabulary.KeyMatryoshka, vocabulary.KeyNormalization, vocabulary.KeyQuantization}
}

// A graph of token states for which no file names a pooling runs under an assumption, which is neither measured nor declared.
func TestAssumedPooling(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(t *testing.T, dir string)
		mode   string
	}{
		"with config.json": {func(*testing.T, string) {}, "mean"},
		"without config.json": {func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Join(dir, "config.json")))
		}, "mean"},
		"a Pooling file that names no mode": {func(t *testing.T, dir string) {
			write(t, `{"word_embedding_dimension": 32}`, dir, "1_Pooling", "config.json")
		}, "mean"},
		"a causal language model": {func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, "config.json"), "BertModel", "BertForCausalLM")
		}, "lasttoken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := model(t, "bare-export")
			c.change(t, dir)
			r := measure(t, probe.Options{Ref: dir, Backend: vocabulary.BackendGo, Budget: 20 * time.Second})
			a := r.Assumed[vocabulary.KeyPooling]
			if a == nil || a.Value != c.mode || a.Why == "" {
				t.Fatalf("assumed %+v, want %s with why", a, c.mode)
			}
			if r.Declared.Pooling != nil || r.Measured.Pooling == nil || *r.Measured.Pooling != detect.PoolingUnknown {
				t.Errorf("pooling is declared as %v and measured as %v", r.Declared.Pooling, r.Measured.Pooling)
			}
			var rests []string
			for key, f := range r.Findings {
				if slices.Equal(f.RestsOn, []string{vocabulary.KeyPooling}) {
					rests = append(rests, key)
				} else if len(f.RestsOn) > 0 {
					t.Errorf("%s rests on %v", key, f.RestsOn)
				}
			}
			slices.Sort(rests)
			if diff := cmp.Diff(onPooling(), rests); diff != "" {
				t.Errorf("what rests on pooling (-want +got):\n%s", diff)
			}
			doc, err := render.Report(r, "json", render.Options{})
			must(t, err)
			validate(t, doc)
			text, err := render.Report(r, "text", render.Options{})
			must(t, err)
			for _, w := range []string{"\npooling           " + c.mode + "?", " (if " + c.mode + ")\n"} {
				if !strings.Contains(string(text), w) {
					t.Errorf("the text lacks %q:\n%s", w, text)
				}
			}
		})
	}
}

func edit(t *testing.T, path, old, replacement string) {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s does not hold %q", path, old)
	}
	must(t, os.WriteFile(path, []byte(strings.ReplaceAll(string(data), old, replacement)), 0o644))
}

// Where files declare the pooling, or the graph pools, nothing is assumed and nothing rests on it.
func TestNothingAssumed(t *testing.T) {
	t.Parallel()
	lone := model(t, "bare-export")
	write(t, `{"word_embedding_dimension": 32, "pooling_mode_cls_token": true}`, lone, "1_Pooling", "config.json")
	for _, ref := range []string{lone, testenv.Zoo("bert-cls"), testenv.Zoo("onnx-pooled"), testenv.Zoo("static-st")} {
		r := measure(t, probe.Options{Ref: ref, Backend: vocabulary.BackendGo, Quick: true})
		if a := r.Assumed[vocabulary.KeyPooling]; a != nil {
			t.Errorf("%s: assumed %+v", filepath.Base(ref), a)
		}
		for key, f := range r.Findings {
			if f.RestsOn != nil || f.Guess != nil {
				t.Errorf("%s: %s rests on %v, guess %+v", filepath.Base(ref), key, f.RestsOn, f.Guess)
			}
		}
		if ref == lone && (r.Measured.Pooling == nil || *r.Measured.Pooling != "cls" || r.Declared.Pooling == nil ||
			*r.Declared.Pooling != "cls" || !strings.HasPrefix(r.DeclaredIn["pooling"], "1_Pooling/config.json") ||
			!strings.Contains(strings.Join(r.Warnings, " "), "1_Pooling")) {
			t.Errorf("1_Pooling alone: measured %v, declared %v in %q, warnings %q", r.Measured.Pooling, r.Declared.Pooling,
				r.DeclaredIn["pooling"], r.Warnings)
		}
	}
}

// The user decides the pooling: his word stands over the files', and the vectors are those that files would give.
func TestAskedPooling(t *testing.T) {
	t.Parallel()
	for _, mode := range pooling.Modes() {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			declared := model(t, "bare-export")
			write(t, `{"word_embedding_dimension": 32, "pooling_mode": "`+string(mode)+`"}`, declared, "1_Pooling", "config.json")
			other := model(t, "bare-export")
			write(t, `{"word_embedding_dimension": 32, "pooling_mode": "max"}`, other, "1_Pooling", "config.json")
			want := embed(t, probe.Options{Ref: declared})
			for _, ref := range []string{filepath.Join(testenv.Root(), "testdata", "cases", "bare-export"), other} {
				if diff := cmp.Diff(want, embed(t, probe.Options{Ref: ref, Pooling: mode})); diff != "" {
					t.Errorf("%s (-declared +asked):\n%s", ref, diff)
				}
			}
		})
	}
	r := measure(t, probe.Options{Ref: testenv.Zoo("bert-mean-l2"), Backend: vocabulary.BackendGo, Quick: true, Pooling: pooling.CLS})
	a := r.Assumed[vocabulary.KeyPooling]
	if a == nil || a.Value != "cls" || a.Why != "asked for" || *r.Measured.Pooling != detect.PoolingUnknown || *r.Declared.Pooling != "mean" {
		t.Errorf("assumed %+v, measured %v, declared %v", a, *r.Measured.Pooling, *r.Declared.Pooling)
	}
	if slices.ContainsFunc(r.Drift, func(d detect.Drift) bool { return d.Key == vocabulary.KeyPooling }) {
		t.Errorf("what was asked is no drift: %+v", r.Drift)
	}
	if *r.Measured.Normalization != vocabulary.NormalizationL2 {
		t.Errorf("the modules after pooling are gone: normalization %v", *r.Measured.Normalization)
	}
	if f := r.Findings[vocabulary.KeyNormalization]; f.RestsOn != nil {
		t.Errorf("the length 1 that a Normalize module gives rests on %v", f.RestsOn)
	}
}

// A model that pools by itself cannot be pooled in another way, and says so.
func TestAskedPoolingOfAVector(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"onnx-pooled", "static-st"} {
		o := options(t, probe.Options{Ref: testenv.Zoo(name), Backend: vocabulary.BackendGo, Pooling: pooling.Max})
		if r := probe.Measure(t.Context(), o); r.Error == nil || r.Error.Kind != failure.KindUnsupportedModel ||
			!strings.Contains(r.Error.Message, "max") {
			t.Errorf("%s: %+v", name, r.Error)
		}
	}
}

// embed gives the vectors of two texts.
func embed(t *testing.T, o probe.Options) [][]float32 {
	t.Helper()
	o.Backend = vocabulary.BackendGo
	opened, err := probe.Open(t.Context(), options(t, o))
	must(t, err)
	defer func() { must(t, opened.Close()) }()
	out, err := opened.Embed(t.Context(), "a text", "another text that is longer")
	must(t, err)
	var vectors [][]float32
	for _, e := range out {
		vectors = append(vectors, e.Vector)
	}
	return vectors
}

// Real models without a declaration: none is called by a wrong way of pooling with more than half a confidence, and what was
// measured of them rests on the assumption.
func TestRealModelsAreGuessed(t *testing.T) {
	t.Parallel()
	if !ort.Built {
		return // pure Go would run for minutes
	}
	for _, name := range []string{"bge-small-en-v15", "e5-small-v2"} {
		dir := testenv.LangChain4j(t, name)
		tokenizers, err := filepath.Glob(filepath.Join(dir, "*tokenizer.json"))
		if err != nil || len(tokenizers) != 1 {
			t.Fatalf("%s: tokenizers %v, %v", dir, tokenizers, err)
		}
		r := measure(t, probe.Options{Ref: dir, Tokenizer: tokenizers[0], Backend: fastest(), Budget: probe.Unbounded})
		f := r.Findings[vocabulary.KeyPooling]
		if f.Value != detect.PoolingUnknown || f.Guess == nil || f.Guess.Confidence > 0.5 || len(f.Guess.Ranking) != len(pooling.Modes()) {
			t.Errorf("%s: %v, guess %+v", name, f.Value, f.Guess)
		}
		if a := r.Assumed[vocabulary.KeyPooling]; a == nil || a.Value != "mean" {
			t.Errorf("%s: assumed %+v", name, a)
		}
	}
}

// A real classifier of files takes bytes as if they were tokens: its probabilities are no embedding, on whatever engine.
func TestRealClassifierIsRefused(t *testing.T) {
	t.Parallel()
	for _, backend := range backends() {
		r := probe.Measure(t.Context(), options(t, probe.Options{Ref: testenv.Magika(t), Backend: backend}))
		if r.Error == nil || r.Error.Kind != failure.KindNotEmbedding || !strings.Contains(r.Error.Message, "classifier") {
			t.Errorf("%s: found %+v", backend, r.Error)
		}
	}
}

// The states of an image's patches are taken by the first, and that is no measurement either.
func TestAssumedPoolingOfImages(t *testing.T) {
	t.Parallel()
	ref := filepath.Join(testenv.Root(), "testdata", "cases", "picture-states", "model")
	r := measure(t, probe.Options{Ref: ref, Backend: vocabulary.BackendGo, Quick: true})
	f, a := r.Findings[vocabulary.KeyPooling], r.Assumed[vocabulary.KeyPooling]
	if a == nil || a.Value != "cls" || f.Value != detect.PoolingUnknown || f.ReasonCode != "" {
		t.Errorf("assumed %+v, found %+v", a, f)
	}
	if got := r.Findings[vocabulary.KeyNormalization].RestsOn; !slices.Equal(got, []string{vocabulary.KeyPooling}) {
		t.Errorf("normalization rests on %v", got)
	}
}
