package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/ort"
)

// finding reads one finding of a report's JSON.
func finding[T any](t *testing.T, stdout, key string) (value any, evidence T, reason string) {
	t.Helper()
	var r struct {
		Findings map[string]struct {
			Value    any
			Evidence T
			Reason   string
		}
	}
	// Evidence of the other findings has other shapes, so each is read by itself.
	var raw struct {
		Findings map[string]json.RawMessage
	}
	if err := json.Unmarshal([]byte(stdout), &raw); err != nil {
		t.Fatal(err)
	}
	one, err := json.Marshal(map[string]any{"Findings": map[string]json.RawMessage{key: raw.Findings[key]}})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(one, &r); err != nil {
		t.Fatal(err)
	}
	f, ok := r.Findings[key]
	if !ok || raw.Findings[key] == nil {
		t.Fatalf("the report has no finding %s", key)
	}
	return f.Value, f.Evidence, f.Reason
}

// onRuntime is the environment of a test that runs too many sentences for pure Go.
func onRuntime(t *testing.T) map[string]string {
	t.Helper()
	if !ort.Built {
		return nil
	}
	return map[string]string{"ONNXRUNTIME_SHARED_LIBRARY_PATH": testenv.ONNXRuntime(t)}
}

// TestRandomModelsAreUndetermined: the zoo never saw language, so no metric, however equivalent, is worth anything there, and
// no smaller vector keeps what is not there.
func TestRandomModelsAreUndetermined(t *testing.T) {
	t.Parallel()
	for _, model := range []string{"bert-mean-l2", "bert-cls", "mpnet", "modernbert"} {
		t.Run(model, func(t *testing.T) {
			t.Parallel()
			vars, backend := onRuntime(t), "onnxruntime"
			if vars == nil {
				backend = "go"
			}
			got := invoke(t, vars, "", "--model", testenv.Zoo(model), "--backend", backend, "--budget", "0s", "--json")
			checkReport(t, got.stdout)
			if got.code != 0 {
				t.Fatalf("exit %d: %s", got.code, got.stdout)
			}
			value, e, reason := finding[detect.TripletEvidence](t, got.stdout, "distance_behaviour")
			if value != nil || e.Triplets != 302 && e.Triplets != 120 || reason == "" {
				t.Errorf("distance behaviour %v of %d triplets: %s", value, e.Triplets, reason)
			}
			// 0.1 is 3.5 standard deviations of a fair coin for 302 triplets.
			if a := e.Metrics[0].Accuracy; a < 0.4 || a > 0.6 {
				t.Errorf("accuracy %.3f of a model of random weights", a)
			}
			for _, key := range []string{"matryoshka", "quantization", "known_as"} {
				if value, _, _ := finding[any](t, got.stdout, key); value != nil {
					t.Errorf("%s is %v", key, value)
				}
			}
			if _, set, _ := finding[detect.TripletSetEvidence](t, got.stdout, "triplets"); set.English != 302 || set.Other != 120 {
				t.Errorf("triplets %+v", set)
			}
		})
	}
}

// TestRealBehaviour holds the whole battery on all-MiniLM-L6-v2 against numbers that sentence-transformers gave
// (docs/measurements.md, The triplets: accuracy 0.997 in English, 0.50 elsewhere).
func TestRealBehaviour(t *testing.T) {
	t.Parallel()
	vars := onRuntime(t)
	if vars == nil {
		return // pure Go would run for minutes
	}
	got := invoke(t, vars, "", "--model", testenv.MiniLM(t), "--backend", "onnxruntime", "--budget", "0s", "--json")
	r := checkReport(t, got.stdout)
	if r.Error != nil {
		t.Fatalf("%+v", r.Error)
	}
	value, e, _ := finding[detect.TripletEvidence](t, got.stdout, "distance_behaviour")
	if value != detect.BehaviourEquivalent || e.Metrics[0].Accuracy != 301.0/302 {
		t.Errorf("%v, accuracy %g", value, e.Metrics[0].Accuracy)
	}
	list, langs, _ := finding[detect.LanguagesEvidence](t, got.stdout, "languages")
	if known, ok := list.([]any); !ok || len(known) != 1 || known[0] != "en" {
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
	if value, _, _ := finding[any](t, got.stdout, "known_as"); value != "sentence-transformers/all-MiniLM-L6-v2" {
		t.Errorf("known as %v", value)
	}
}

// TestPoolingWithoutFiles takes the int8 MiniLM as a bare graph of token states: no file names its pooling, and none of the
// ways that were never trained is named.
func TestPoolingWithoutFiles(t *testing.T) {
	t.Parallel()
	vars := onRuntime(t)
	if vars == nil {
		return // pure Go would run for minutes
	}
	tokenizer := filepath.Join(testenv.MiniLM(t), "tokenizer.json")
	got := invoke(t, vars, "", "--model", testenv.MiniLMInt8(t), "--tokenizer", tokenizer, "--backend", "onnxruntime",
		"--budget", "0s", "--json")
	checkReport(t, got.stdout)
	value, e, reason := finding[detect.PoolingScores](t, got.stdout, "pooling")
	if value != "mean" || !slices.Contains(e.Same, "mean") || slices.Contains(e.Same, "cls") || e.Margin <= 0 {
		t.Errorf("pooling %v, equivalent %v, margin %g (%s)", value, e.Same, e.Margin, reason)
	}
}

// TestFingerprintsOfRealModels: one code for the same weights on both engines, as safetensors and as an exported graph under
// another name, with a tokenizer and without; the quantized graph is near; another model is not.
func TestFingerprintsOfRealModels(t *testing.T) {
	t.Parallel()
	miniLM := testenv.MiniLM(t)
	exported := filepath.Join(t.TempDir(), "nameless.onnx")
	if got := invoke(t, nil, "", "export", miniLM, "--output", exported); got.code != 0 {
		t.Fatal(got.stderr)
	}
	tokenizer := []string{"--tokenizer", filepath.Join(miniLM, "tokenizer.json")}
	const l6, l3 = "sentence-transformers/all-MiniLM-L6-v2", "sentence-transformers/paraphrase-MiniLM-L3-v2"
	for name, c := range map[string]struct {
		model string
		args  []string
		want  string
		most  int
	}{
		"safetensors":      {miniLM, nil, l6, 0},
		"exported":         {exported, tokenizer, l6, 0},
		"exported by ids":  {exported, nil, l6, 0},
		"int8":             {testenv.MiniLMInt8(t), tokenizer, l6, 6},
		"int8 by ids":      {testenv.MiniLMInt8(t), nil, l6, 6},
		"another":          {testenv.ParaphraseL3(t), tokenizer, l3, 0},
		"another by ids":   {testenv.ParaphraseL3(t), nil, l3, 0},
		"random, its kind": {testenv.Zoo("bert-mean-l2"), nil, "", 64},
	} {
		for backend, vars := range backends(t) {
			if backend == "go" && name != "safetensors" && name != "int8 by ids" && name != "random, its kind" {
				continue // slow, and the same graphs
			}
			t.Run(name+"/"+backend, func(t *testing.T) {
				t.Parallel()
				args := append([]string{"--model", c.model, "--backend", backend, "--quick", "--length-budget", "1ns", "--json"},
					c.args...)
				got := invoke(t, vars, "", args...)
				checkReport(t, got.stdout)
				value, e, reason := finding[detect.KnownEvidence](t, got.stdout, "known_as")
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
			vars, backend := onRuntime(t), "onnxruntime"
			if vars == nil {
				backend = "go"
			}
			got := invoke(t, vars, "", "--model", testenv.Zoo(model), "--backend", backend, "--budget", "0s", "--json")
			checkReport(t, got.stdout)
			value, _, reason := finding[any](t, got.stdout, "prompts")
			if list, ok := value.(map[string]any); ok != (want > 0) || len(list) != want {
				t.Errorf("prompts %v (%s), want %d", value, reason, want)
			}
			if value, _, _ := finding[any](t, got.stdout, "prompts_needed"); value != nil {
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
	vars, backend := onRuntime(t), "onnxruntime"
	if vars == nil {
		backend = "go"
	}
	got := invoke(t, vars, "", "--model", dir, "--backend", backend, "--budget", "0s", "--json")
	checkReport(t, got.stdout)
	value, e, reason := finding[detect.PromptsEvidence](t, got.stdout, "prompts_needed")
	if list, ok := value.(map[string]any); !ok || list["query"] != "query: " || list["passage"] != "passage: " {
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
	vars := onRuntime(t)
	if vars == nil {
		return // pure Go's Gather takes an index past the end for the last one
	}
	got := invoke(t, vars, "", "--model", testenv.Zoo("onnx-bare"), "--tokenizer", path, "--backend", "onnxruntime",
		"--length-budget", "0s", "--budget", "0s", "--json")
	checkReport(t, got.stdout)
	value, e, reason := finding[detect.EndEvidence](t, got.stdout, "max_sequence_length")
	if value != float64(64) || e.ShortestFailure != 65 || reason == "" {
		t.Errorf("longest text %v, fails at %d (%s)", value, e.ShortestFailure, reason)
	}
}
