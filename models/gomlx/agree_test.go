//go:build cgo

package gomlx_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/gomlx"
	"github.com/divinedevops/probe/models/graph"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/ort"
	"github.com/divinedevops/probe/models/tensor"
	"github.com/divinedevops/probe/models/weights"
)

// TestEnginesAgree runs real models on both engines: each confirms the other. The int8 model's weights are folded to
// float32 by one engine and not by the other, and the padding's rows, which no text sees, round away from each other.
func TestEnginesAgree(t *testing.T) {
	t.Parallel()
	native, err := ort.Open(testenv.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		graph     engine.Graph
		tolerance float64
	}{
		"safetensors":        {safetensorsGraph(t, testenv.MiniLM(t)), 1e-5},
		"int8":               {fileGraph(t, testenv.MiniLMInt8(t)), 5e-5},
		"pytorch's exporter": {fileGraph(t, testenv.ParaphraseL3(t)), 1e-5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, outs := feed(test.graph), names(test.graph.Outputs)
			want := results(t, native, test.graph, in, outs)
			got := results(t, gomlx.New(), test.graph, in, outs)
			for i := range want {
				if worst := difference(t, want[i], got[i]); worst > test.tolerance {
					t.Errorf("%s: expected the engines to agree to %g, they differ by %g", outs[i], test.tolerance, worst)
				}
			}
		})
	}
}

func safetensorsGraph(t *testing.T, dir string) engine.Graph {
	t.Helper()
	set, err := weights.Open(filepath.Join(dir, "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := graph.Build(config, set)
	if err != nil {
		t.Fatal(err)
	}
	return r.Graph
}

func fileGraph(t *testing.T, path string) engine.Graph {
	t.Helper()
	head, err := onnx.ReadHead(path)
	if err != nil {
		t.Fatal(err)
	}
	return engine.Graph{Path: path, Inputs: head.Inputs, Outputs: head.Outputs}
}

// feed is two texts of 9 and 5 tokens.
func feed(g engine.Graph) []tensor.Named {
	const batch, seq, short = 2, 9, 5
	var in []tensor.Named
	for _, info := range g.Inputs {
		data := make([]int64, batch*seq)
		for i := range data {
			padding := i/seq == 1 && i%seq >= short
			switch info.Name {
			case "input_ids":
				data[i] = int64(101 + 37*i)
				if padding {
					data[i] = 0
				}
			case "attention_mask":
				if !padding {
					data[i] = 1
				}
			}
		}
		in = append(in, tensor.Named{Name: info.Name, Tensor: tensor.NewInt64(data, batch, seq)})
	}
	return in
}

func names(infos []tensor.Info) []string {
	var out []string
	for _, info := range infos {
		out = append(out, info.Name)
	}
	return out
}

func results(t *testing.T, e engine.Engine, g engine.Graph, in []tensor.Named, outs []string) []tensor.Tensor {
	t.Helper()
	s, err := e.Open(t.Context(), g, engine.Options{TempDir: t.TempDir(), Device: engine.Device{Kind: engine.CPU}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := s.Run(t.Context(), in, outs)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// difference is the largest difference of two tensors' elements.
func difference(t *testing.T, a, b tensor.Tensor) float64 {
	t.Helper()
	if a.DType != b.DType || a.Elements() != b.Elements() || a.Elements() == 0 {
		t.Fatalf("expected tensors alike, found %s %v and %s %v", a.DType, a.Shape, b.DType, b.Shape)
	}
	worst := 0.0
	for i := range a.F32 {
		worst = math.Max(worst, math.Abs(float64(a.F32[i])-float64(b.F32[i])))
	}
	for i := range a.I64 {
		worst = math.Max(worst, math.Abs(float64(a.I64[i]-b.I64[i])))
	}
	return worst
}
