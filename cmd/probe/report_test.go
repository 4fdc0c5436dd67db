package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/render"
)

// TestZooReports measures every model of the zoo and compares with what is known of it.
func TestZooReports(t *testing.T) {
	t.Parallel()
	for _, m := range readZoo(t) {
		for backend, vars := range backends(t) {
			t.Run(m.Name+"/"+backend, func(t *testing.T) {
				t.Parallel()
				got := invoke(t, vars, "", "--model", testenv.Zoo(m.Name), "--backend", backend, "--quick", "--json")
				r := checkReport(t, got.stdout)
				if r.Error != nil {
					t.Fatalf("exit code %d: %s: %s", got.code, r.Error.Kind, r.Error.Message)
				}
				if got.code != 0 || got.stderr != "" {
					t.Fatalf("exit code %d, stderr %q", got.code, got.stderr)
				}
				want := expected(m)
				found := values{
					Dimension: *r.Measured.EmbeddingDimension, Normalization: *r.Measured.Normalization,
					Pooling: *r.Measured.Pooling, Modalities: strings.Join(r.Measured.Modalities, ","),
				}
				if r.Measured.MaxSequenceLength != nil {
					found.MaxSequenceLength = *r.Measured.MaxSequenceLength
				}
				if diff := cmp.Diff(want, found); diff != "" {
					t.Errorf("measured (+) against known (-):\n%s", diff)
				}
				var drift []string
				for _, d := range r.Drift {
					drift = append(drift, d.Key)
				}
				if diff := cmp.Diff(knownDrift[m.Name], drift); diff != "" {
					t.Errorf("drift (-want +got):\n%s", diff)
				}
				if r.Metadata.EventID == nil || r.Metadata.ModelName != "local" {
					t.Errorf("event: %+v", r.Metadata)
				}
			})
		}
	}
}

// values are the facts of a zoo model that a report is held against.
type values struct {
	Dimension         int
	Normalization     string
	Pooling           string
	MaxSequenceLength int // 0: null
	Modalities        string
}

// knownDrift are the models of the zoo whose files lie, with the keys that they lie about: the graph of a fixed shape ends
// before the length that its files declare.
var knownDrift = map[string][]string{"onnx-fixed-shape": {"max_sequence_length"}}

// expected is what a probe should find, which in places is more than zoo.json says or less.
func expected(m zooModel) values {
	v := values{Dimension: m.Dimension, Normalization: m.Normalization, Pooling: m.Pooling, Modalities: m.Modality}
	if m.MaxSequenceLength != nil {
		v.MaxSequenceLength = *m.MaxSequenceLength
	}
	if v.Modalities == "multimodal" {
		v.Modalities = "image,text"
	}
	switch m.Name {
	case "clip":
		v.Normalization = "l2" // the ONNX graph of both towers normalizes; PyTorch's get_text_features does not
	case "onnx-odd-outputs":
		v.Pooling = "mean" // the graph pools, and its token states tell how
	case "onnx-bare":
		v.Pooling, v.Normalization = "unknown", "none" // no file says what to do with the token states
	}
	return v
}

// TestRealModel measures the real all-MiniLM-L6-v2 and reads the report as a person would.
func TestRealModel(t *testing.T) {
	t.Parallel()
	for backend, vars := range backends(t) {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			model := testenv.MiniLM(t)
			args := []string{"--model", model, "--backend", backend, "--length-budget", "0s", "--budget", "0s"}
			if backend == "go" {
				args = append(args, "--quick") // 604 sentences would take a minute
			}
			got := invoke(t, vars, "", args...)
			if got.code != 0 {
				t.Fatalf("exit code %d: %s", got.code, got.stderr)
			}
			for _, line := range strings.Split(got.stdout, "\n") {
				if utf8.RuneCountInString(line) > render.Width {
					t.Errorf("wider than %d columns: %q", render.Width, line)
				}
			}
			for _, want := range []string{
				"all-MiniLM-L6-v2", "bert, 22.7 M parameters, float32",
				"dimension         384                            384",
				"pooling           mean                           mean",
				"Normalize module", "cosine = dot = euclidean", "none saved",
				"longest text      256 tokens                     256",
				"modalities        text", "drift             none",
				"queued here, not sent: telemetry is local",
			} {
				if !strings.Contains(got.stdout, want) {
					t.Errorf("the report lacks %q:\n%s", want, got.stdout)
				}
			}
			if strings.Contains(got.stdout, "\x1b") {
				t.Error("colour where stdout is no terminal")
			}
		})
	}
}

// TestRealEmbeddings holds the real models against sentence-transformers, or against Python onnxruntime on the same file.
func TestRealEmbeddings(t *testing.T) {
	t.Parallel()
	tokens := filepath.Join(testenv.MiniLM(t), "tokenizer.json")
	for _, model := range []struct {
		truth     string
		args      []string
		limit     int // texts of more tokens are left out: bare graphs declare no limit, their truth was cut
		tolerance float64
	}{
		{"all-MiniLM-L6-v2", []string{"--model", testenv.MiniLM(t)}, 1 << 20, 1e-5},
		{"minilm-int8", []string{"--model", testenv.MiniLMInt8(t), "--tokenizer", tokens}, 128, 5e-3},
		{"paraphrase-L3", []string{"--model", testenv.ParaphraseL3(t), "--tokenizer", tokens}, 128, 5e-5},
	} {
		for backend, vars := range backends(t) {
			t.Run(model.truth+"/"+backend, func(t *testing.T) {
				t.Parallel()
				var want truth
				readJSON(t, filepath.Join(testenv.Root(), "testdata", "real", model.truth+".truth.json"), &want)
				compareEmbeddings(t, vars, want.upTo(model.limit), model.tolerance,
					append([]string{"embed", "--backend", backend}, model.args...)...)
			})
		}
	}
}

// upTo is a truth without its texts of more than so many tokens.
func (w truth) upTo(tokens int) truth {
	var short truth
	for i, ids := range w.InputIDs {
		if len(ids) <= tokens {
			short.Texts = append(short.Texts, w.Texts[i])
			short.InputIDs = append(short.InputIDs, ids)
			short.Embeddings = append(short.Embeddings, w.Embeddings[i])
		}
	}
	return short
}

// TestSymlinkedCache probes a model as the Hugging Face cache lays it out: a snapshot of links into blobs.
func TestSymlinkedCache(t *testing.T) {
	t.Parallel()
	for backend, vars := range backends(t) {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			hub, commit := cacheEntry(t, "models--probe-tests--bert-mean-l2", testenv.Zoo("bert-mean-l2"))
			with := map[string]string{"HF_HUB_CACHE": hub, "PROBE_HOME": t.TempDir()}
			for k, v := range vars {
				with[k] = v
			}
			if got := invoke(t, with, "", "telemetry", "include", "probe-tests"); got.code != 0 { // else the event says local
				t.Fatal(got.stderr)
			}
			got := invoke(t, with, "", "--model", "probe-tests/bert-mean-l2", "--backend", backend, "--safetensors", "--quick", "--json")
			r := checkReport(t, got.stdout)
			if r.Error != nil {
				t.Fatalf("%s: %s", r.Error.Kind, r.Error.Message)
			}
			if r.Name != "probe-tests/bert-mean-l2" || r.Source != "huggingface" || r.Metadata.ModelVersion == nil ||
				*r.Metadata.ModelVersion != commit || r.Metadata.ModelName != "probe-tests/bert-mean-l2" {
				t.Errorf("name %q, source %q, event %+v", r.Name, r.Source, r.Metadata)
			}
		})
	}
}

// cacheEntry lays a folder out as a Hugging Face cache entry and gives the cache's folder and the commit.
func cacheEntry(t *testing.T, name, from string) (hub, commit string) {
	t.Helper()
	commit = "0123456789abcdef0123456789abcdef01234567"
	hub = t.TempDir()
	repo := filepath.Join(hub, name)
	snapshot := filepath.Join(repo, "snapshots", commit)
	must(t, os.MkdirAll(filepath.Join(repo, "refs"), 0o755))
	must(t, os.WriteFile(filepath.Join(repo, "refs", "main"), []byte(commit), 0o644))
	must(t, os.MkdirAll(filepath.Join(repo, "blobs"), 0o755))
	n := 0
	must(t, filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n++
		blob := filepath.Join(repo, "blobs", strings.Repeat("0", 39)+string(rune('a'+n)))
		if err := os.WriteFile(blob, data, 0o644); err != nil {
			return err
		}
		link := filepath.Join(snapshot, rel)
		if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
			return err
		}
		target, err := filepath.Rel(filepath.Dir(link), blob)
		if err != nil {
			return err
		}
		return os.Symlink(target, link)
	}))
	return hub, commit
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
