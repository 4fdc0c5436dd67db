package probe_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/ort"
	"github.com/divinedevops/probe/models/source"
	"github.com/divinedevops/probe/probe"
)

// TestRandomModelsAreUndetermined: the zoo never saw language, so no metric, however equivalent, is worth anything there, and
// no smaller vector keeps what is not there.
func TestRandomModelsAreUndetermined(t *testing.T) {
	t.Parallel()
	for _, model := range []string{"bert-mean-l2", "bert-cls", "mpnet", "modernbert"} {
		t.Run(model, func(t *testing.T) {
			t.Parallel()
			r := measure(t, probe.Options{Ref: testenv.Zoo(model), Backend: fastest(), Budget: probe.Unbounded})
			value, e, reason := finding[detect.TripletEvidence](t, r, "distance_behaviour")
			if value != nil || e.Triplets != 302 && e.Triplets != 120 || reason == "" {
				t.Errorf("distance behaviour %v of %d triplets: %s", value, e.Triplets, reason)
			}
			// 0.1 is 3.5 standard deviations of a fair coin for 302 triplets.
			if a := e.Metrics[0].Accuracy; a < 0.4 || a > 0.6 {
				t.Errorf("accuracy %.3f of a model of random weights", a)
			}
			for _, key := range []string{"matryoshka", "quantization", "known_as"} {
				if value, _, _ := finding[any](t, r, key); value != nil {
					t.Errorf("%s is %v", key, value)
				}
			}
			if _, set, _ := finding[detect.TripletSetEvidence](t, r, "triplets"); set.English != 302 || set.Other != 120 {
				t.Errorf("triplets %+v", set)
			}
		})
	}
}

// TestRealBehaviour holds the whole battery on all-MiniLM-L6-v2 against numbers that sentence-transformers gave
// (docs/measurements.md, The triplets: accuracy 0.997 in English, 0.50 elsewhere).
func TestRealBehaviour(t *testing.T) {
	t.Parallel()
	if !ort.Built {
		return // pure Go would run for minutes
	}
	r := measure(t, probe.Options{Ref: testenv.MiniLM(t), Backend: fastest(), Budget: probe.Unbounded})
	value, e, _ := finding[detect.TripletEvidence](t, r, "distance_behaviour")
	if value != detect.BehaviourEquivalent || e.Metrics[0].Accuracy != 301.0/302 {
		t.Errorf("%v, accuracy %g", value, e.Metrics[0].Accuracy)
	}
	list, langs, _ := finding[detect.LanguagesEvidence](t, r, "languages")
	if known, ok := list.([]string); !ok || len(known) != 1 || known[0] != "en" {
		t.Errorf("languages %v", list)
	}
	right, other := 0.0, 0
	for _, l := range langs.Languages {
		if l.Language != "en" {
			right += l.Accuracy * float64(l.Triplets)
			other += l.Triplets
		}
	}
	if share := right / float64(other); other != 120 || share < 0.48 || share > 0.52 {
		t.Errorf("accuracy %.3f on %d triplets in other languages", share, other)
	}
	if value, _, _ := finding[any](t, r, "known_as"); value != "sentence-transformers/all-MiniLM-L6-v2" {
		t.Errorf("known as %v", value)
	}
}

// TestPoolingWithoutFiles takes the int8 MiniLM as a bare graph of token states: no file names its pooling, so none is measured,
// and the guess is none of the ways that were never trained.
func TestPoolingWithoutFiles(t *testing.T) {
	t.Parallel()
	if !ort.Built {
		return // pure Go would run for minutes
	}
	tokenizer := filepath.Join(testenv.MiniLM(t), "tokenizer.json")
	r := measure(t, probe.Options{
		Ref: testenv.MiniLMInt8(t), Tokenizer: tokenizer, Backend: fastest(), Budget: probe.Unbounded,
	})
	value, e, reason := finding[detect.PoolingScores](t, r, "pooling")
	guess := r.Findings["pooling"].Guess
	if value != detect.PoolingUnknown || guess == nil || guess.Value != "mean" || guess.Confidence > detect.MaxGuess ||
		!strings.Contains(reason, "the fingerprint of sentence-transformers/all-MiniLM-L6-v2") || !slices.Contains(e.Same, "mean") || slices.Contains(e.Same, "cls") || e.Margin <= 0 {
		t.Errorf("pooling %v, equivalent %v, margin %g (%s)", value, e.Same, e.Margin, reason)
	}
}

// TestFingerprintsOfRealModels: one code for the same weights on both engines, as safetensors and as an exported graph under
// another name, with a tokenizer and without; the quantized graph is near; another model is not.
func TestFingerprintsOfRealModels(t *testing.T) {
	t.Parallel()
	miniLM := testenv.MiniLM(t)
	exported := filepath.Join(t.TempDir(), "nameless.onnx")
	src, err := source.Resolve(miniLM, source.Options{
		Env: func(string) string { return "" }, Prefer: source.FormatSafetensors,
	})
	must(t, err)
	must(t, models.Export(src, exported, models.ExportOptions{}))
	tokenizer := filepath.Join(miniLM, "tokenizer.json")
	const l6, l3 = "sentence-transformers/all-MiniLM-L6-v2", "sentence-transformers/paraphrase-MiniLM-L3-v2"
	for name, c := range map[string]struct {
		model     string
		tokenizer string
		want      string
		most      int
	}{
		"safetensors":      {miniLM, "", l6, 0},
		"exported":         {exported, tokenizer, l6, 0},
		"exported by ids":  {exported, "", l6, 0},
		"int8":             {testenv.MiniLMInt8(t), tokenizer, l6, 6},
		"int8 by ids":      {testenv.MiniLMInt8(t), "", l6, 6},
		"another":          {testenv.ParaphraseL3(t), tokenizer, l3, 0},
		"another by ids":   {testenv.ParaphraseL3(t), "", l3, 0},
		"random, its kind": {testenv.Zoo("bert-mean-l2"), "", "", 64},
	} {
		for _, backend := range backends() {
			if backend == "go" && name != "safetensors" && name != "int8 by ids" && name != "random, its kind" {
				continue // slow, and the same graphs
			}
			t.Run(name+"/"+backend, func(t *testing.T) {
				t.Parallel()
				r := measure(t, probe.Options{
					Ref: c.model, Tokenizer: c.tokenizer, Backend: backend, Quick: true, LengthBudget: 1,
				})
				value, e, reason := finding[detect.KnownEvidence](t, r, "known_as")
				if c.want == "" && value != nil || c.want != "" && value != c.want || e.Distance > c.most {
					t.Errorf("known as %v, %d bits off: %s", value, e.Distance, reason)
				}
			})
		}
	}
}

// TestPromptsOfTheZoo: the declared prompts that are not empty are at work in each model, which PyTorch's vectors with prompts
// show too (TestZooEmbeddings).
func TestPromptsOfTheZoo(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]int{"bert-prompt": 2, "xlm-roberta": 2, "qwen3": 1, "bert-mean-l2": 0} {
		t.Run(model, func(t *testing.T) {
			t.Parallel()
			r := measure(t, probe.Options{Ref: testenv.Zoo(model), Backend: fastest(), Budget: probe.Unbounded})
			value, _, reason := finding[any](t, r, "prompts")
			if list, ok := value.(map[string]string); ok != (want > 0) || len(list) != want {
				t.Errorf("prompts %v (%s), want %d", value, reason, want)
			}
			if value, _, _ := finding[any](t, r, "prompts_needed"); value != nil {
				t.Errorf("prompts are needed: %v", value)
			}
		})
	}
}

// TestPromptsNeeded: a model that by its name was trained with prompts, and declares none.
func TestPromptsNeeded(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "e5-small-v2")
	must(t, os.CopyFS(dir, os.DirFS(testenv.Zoo("bert-mean-l2"))))
	r := measure(t, probe.Options{Ref: dir, Backend: fastest(), Budget: probe.Unbounded})
	value, e, reason := finding[detect.PromptsEvidence](t, r, "prompts_needed")
	if list, ok := value.(map[string]string); !ok || list["query"] != "query: " || list["passage"] != "passage: " {
		t.Errorf("prompts needed: %v (%s)", value, reason)
	}
	if len(e.Prompts) != 3 || !strings.Contains(reason, "e5") {
		t.Errorf("%d prompts tried: %s", len(e.Prompts), reason)
	}
}

// TestOpenEnd: a bare graph and a tokenizer that sets no limit. The positions of the graph end at 64 (zoo.py), where it
// fails: the end is found by running up to it.
func TestOpenEnd(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(testenv.Zoo("bert-mean-l2/tokenizer.json"))
	must(t, err)
	var tokenizer map[string]any
	must(t, json.Unmarshal(data, &tokenizer))
	tokenizer["truncation"] = nil
	data, err = json.Marshal(tokenizer)
	must(t, err)
	path := filepath.Join(t.TempDir(), "tokenizer.json")
	must(t, os.WriteFile(path, data, 0o644))
	if !ort.Built {
		return // pure Go's Gather takes an index past the end for the last one
	}
	r := measure(t, probe.Options{
		Ref: testenv.Zoo("onnx-bare"), Tokenizer: path, Backend: fastest(),
		LengthBudget: probe.Unbounded, Budget: probe.Unbounded,
	})
	value, e, reason := finding[detect.EndEvidence](t, r, "max_sequence_length")
	if value != 64 || e.ShortestFailure != 65 || reason == "" {
		t.Errorf("longest text %v, fails at %d (%s)", value, e.ShortestFailure, reason)
	}
}
