package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
)

// zooModel is one entry of testdata/zoo/zoo.json.
type zooModel struct {
	Name              string   `json:"name"`
	Family            string   `json:"family"`
	Artifacts         []string `json:"artifacts"`
	Pooling           string   `json:"pooling"`
	Normalization     string   `json:"normalization"`
	Dimension         int      `json:"dimension"`
	MaxSequenceLength *int     `json:"max_sequence_length"`
	DType             string   `json:"dtype"`
	Modality          string   `json:"modality"`
	Tolerance         float64  `json:"tolerance"`
}

// truth is what PyTorch (or, for a quantized file, Python onnxruntime on that very file) gave.
type truth struct {
	Texts      []string    `json:"texts"`
	InputIDs   [][]int64   `json:"input_ids"`
	Embeddings [][]float64 `json:"embeddings"`
}

func readZoo(t *testing.T) []zooModel {
	t.Helper()
	var zoo struct {
		Models []zooModel `json:"models"`
	}
	readJSON(t, testenv.Zoo("zoo.json"), &zoo)
	if len(zoo.Models) < 40 {
		t.Fatalf("expected a zoo of 40 models and more, found %d", len(zoo.Models))
	}
	return zoo.Models
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// pureGoCannot are the graphs that GoMLX has no way to run, with the operator that its error names. Every other one must
// agree with the truth, and one of these that runs must leave the list.
var pureGoCannot = map[string]string{}

// TestZooEmbeddings holds probe embed against the truth: every model, every artifact, both engines.
func TestZooEmbeddings(t *testing.T) {
	t.Parallel()
	for _, m := range readZoo(t) {
		var want truth
		readJSON(t, testenv.Zoo(m.Name+".truth.json"), &want)
		if want.Texts == nil || want.Embeddings == nil {
			continue // bare graphs and towers have tests of their own
		}
		for backend, vars := range backends(t) {
			for _, artifact := range m.Artifacts {
				if !ownTruth(m, artifact) {
					continue
				}
				t.Run(strings.Join([]string{m.Name, backend, artifact}, "/"), func(t *testing.T) {
					t.Parallel()
					checkEmbeddings(t, m, artifact, backend, vars, want)
				})
			}
		}
	}
}

// ownTruth says whether the truth of a model is that of an artifact: of several files, it is the fp32 one's, and CLIP's is
// that of its text side.
func ownTruth(m zooModel, artifact string) bool {
	base := filepath.Base(artifact)
	return base != "model_quantized.onnx" && base != "model_fp16.onnx" && base != "vision_model.onnx" &&
		(m.Name != "clip" || base != "model.onnx") && (m.Name != "onnx-several" || base == "model.onnx")
}

func checkEmbeddings(t *testing.T, m zooModel, artifact, backend string, vars map[string]string, want truth) {
	t.Helper()
	args := []string{"embed", "--model", testenv.Zoo(m.Name), "--backend", backend}
	switch {
	case strings.HasSuffix(artifact, ".onnx"):
		args = append(args, "--onnx-file", artifact)
	case slices.ContainsFunc(m.Artifacts, func(a string) bool { return strings.HasSuffix(a, ".onnx") }):
		args = append(args, "--safetensors")
	}
	if op, cannot := pureGoCannot[m.Name+"/"+artifact]; cannot && backend == "go" {
		got := invoke(t, vars, "", append(args, "a text")...)
		if got.code != 4 && got.code != 3 || !strings.Contains(got.stderr, "unsupported_op") || !strings.Contains(got.stderr, op) {
			t.Errorf("expected unsupported_op naming %s, found exit %d: %s", op, got.code, got.stderr)
		}
		return
	}
	compareEmbeddings(t, vars, want, m.Tolerance, args...)
}

// compareEmbeddings runs probe embed on the texts of a truth and compares.
func compareEmbeddings(t *testing.T, vars map[string]string, want truth, tolerance float64, args ...string) {
	t.Helper()
	var stdin strings.Builder
	for _, text := range want.Texts {
		line, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		stdin.Write(append(line, '\n'))
	}
	got := invoke(t, vars, stdin.String(), append(args, "--jsonl")...)
	if got.code != 0 {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
	lines := strings.Split(strings.TrimSuffix(got.stdout, "\n"), "\n")
	if len(lines) != len(want.Texts) {
		t.Fatalf("%d lines for %d texts", len(lines), len(want.Texts))
	}
	for i, line := range lines {
		var e embedding
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Index != i || e.Tokens != len(want.InputIDs[i]) {
			t.Errorf("text %d: index %d, %d tokens, want %d", i, e.Index, e.Tokens, len(want.InputIDs[i]))
		}
		if d := largest(t, e.Embedding, want.Embeddings[i]); d > tolerance {
			t.Errorf("text %d: off by %.3g, tolerance %.3g", i, d, tolerance)
		}
	}
}

// largest is the largest difference of two vectors' components.
func largest(t *testing.T, got []float32, want []float64) float64 {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d dimensions, want %d", len(got), len(want))
	}
	d := 0.0
	for i, v := range got {
		d = max(d, math.Abs(float64(v)-want[i]))
	}
	return d
}
