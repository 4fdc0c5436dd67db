package onnx_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// headTruth is what the onnx library found in a file (testdata/make_heads.py).
type headTruth struct {
	Nodes           int
	Ops             map[string]int
	Functions       []string
	Inputs, Outputs []valueTruth
	Tensors         []tensorTruth
}

type valueTruth struct {
	Name  string
	DType int
	Shape []any // a number, a symbol, or nil
}

type tensorTruth struct {
	Name     string
	DType    int
	Dims     []int64
	Constant bool
	External string
}

func headCases(t *testing.T) map[string]headTruth {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "heads.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases map[string]headTruth
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func headPath(name string) string { return filepath.Join("testdata", "heads", name+".onnx") }

// valueOf spells a TensorInfo as the truth does.
func valueOf(info tensor.Info) valueTruth {
	v := valueTruth{Name: info.Name, DType: int(info.DType)}
	if info.Shape == nil {
		return v
	}
	v.Shape = []any{}
	for i, d := range info.Shape {
		switch {
		case info.Symbols[i] != "":
			v.Shape = append(v.Shape, info.Symbols[i])
		case d == tensor.DynamicDim:
			v.Shape = append(v.Shape, nil)
		default:
			v.Shape = append(v.Shape, float64(d))
		}
	}
	return v
}

func valuesOf(infos []tensor.Info) []valueTruth {
	out := []valueTruth{}
	for _, info := range infos {
		out = append(out, valueOf(info))
	}
	return out
}

func TestReadHead(t *testing.T) {
	t.Parallel()
	cases := headCases(t)
	if len(cases) == 0 {
		t.Fatal("no cases")
	}
	for name, want := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, err := onnx.ReadHead(headPath(name))
			if err != nil {
				t.Fatal(err)
			}
			got := headTruth{
				Nodes: h.Nodes,
				Ops:   h.Ops, Functions: append([]string{}, h.Functions...), Inputs: valuesOf(h.Inputs),
				Outputs: valuesOf(h.Outputs), Tensors: []tensorTruth{},
			}
			for _, tensor := range h.Tensors {
				got.Tensors = append(got.Tensors, tensorTruth{
					Name: tensor.Name, DType: int(tensor.DType), Dims: append([]int64{}, tensor.Dims...), Constant: tensor.Constant,
				})
			}
			for _, list := range [][]tensorTruth{got.Tensors, want.Tensors} {
				slices.SortFunc(list, func(a, b tensorTruth) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			}
			for _, v := range append(want.Inputs, want.Outputs...) { // some exporters write -1 for a dimension that is not fixed
				for i, d := range v.Shape {
					if d == -1.0 {
						v.Shape[i] = nil
					}
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-onnx +probe:\n%s", diff)
			}
		})
	}
}

func TestWeights(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		parameters int64
		dtype      string
		quantized  bool
	}{
		{"plain", 15, "float32", false},
		{"matmul_nbits", 4*32 + 4, "int4", true},
		{"uint8_quantized", 12, "int8", true},
		{"subgraphs", 6, "float32", false}, // 2 twice in the inner graph, 2 in the constant
	}
	for _, test := range tests {
		h, err := onnx.ReadHead(headPath(test.name))
		if err != nil {
			t.Fatal(err)
		}
		w := h.Weights
		if w.Parameters != test.parameters || w.DType != test.dtype || w.Quantized != test.quantized {
			t.Errorf("%s: got %+v, want %d parameters of %s, quantized %v", test.name, w, test.parameters, test.dtype, test.quantized)
		}
	}
	h, err := onnx.ReadHead(headPath("types"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{
		"float64": 80, "float16": 20, "int8": 10, "uint8": 10, "int32": 40, "int64": 80 + 16 + 16, "bool": 10, "uint16": 20,
		"int4": 2, "bfloat16": 6, "float32": 8 + 4 + 8, "string": 0,
	}
	if diff := cmp.Diff(want, h.Weights.BytesByDType); diff != "" {
		t.Errorf("bytes by type (-want +got):\n%s", diff)
	}
}

func TestRequiredOps(t *testing.T) {
	t.Parallel()
	h, err := onnx.ReadHead(headPath("functions"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Add", "com.microsoft:Gelu"}, h.RequiredOps()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRealModels(t *testing.T) {
	t.Parallel()
	int8Model, err := onnx.ReadHead(testenv.MiniLMInt8(t))
	if err != nil {
		t.Fatal(err)
	}
	if w := int8Model.Weights; w.DType != "int8" || !w.Quantized || w.Parameters < 22_000_000 || w.Parameters > 23_000_000 {
		t.Errorf("int8 MiniLM: got %+v", w)
	}
	if diff := cmp.Diff([]string{"input_ids", "attention_mask", "token_type_ids"}, int8Model.InputNames()); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
	awkward, err := onnx.ReadHead(testenv.ParaphraseL3(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"output", "463", "onnx::Shape_422", "461"}, awkward.OutputNames()); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	if awkward.Outputs[0].DType != tensor.Int64 || awkward.Outputs[3].DType != tensor.Float32 || len(awkward.Outputs[2].Shape) != 3 {
		t.Errorf("outputs: got %+v", awkward.Outputs)
	}
}

// listInputs prints every input and output of the graphs named as arguments, as ONNX Runtime sees them.
const listInputs = `
import json, sys, onnxruntime as ort
ort.set_default_logger_severity(4)
for path in sys.argv[1:]:
    o = ort.SessionOptions(); o.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    s = ort.InferenceSession(path, o, providers=["CPUExecutionProvider"])
    f = lambda vs: [{"name": v.name, "shape": v.shape} for v in vs]
    print(json.dumps({"inputs": f(s.get_inputs()), "outputs": f(s.get_outputs())}))
`

// TestAgainstONNXRuntime compares the declared inputs and outputs of the whole zoo with those of an ONNX Runtime session.
func TestAgainstONNXRuntime(t *testing.T) {
	t.Parallel()
	python := testenv.Python(t)
	paths := zooGraphs(t)
	out, err := exec.Command(python, append([]string{"-c", listInputs}, paths...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(paths) {
		t.Fatalf("expected %d lines, found %d", len(paths), len(lines))
	}
	for i, path := range paths {
		var want struct{ Inputs, Outputs []valueTruth }
		if err := json.Unmarshal([]byte(lines[i]), &want); err != nil {
			t.Fatal(err)
		}
		h, err := onnx.ReadHead(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if err := onnx.CheckExternal(h, filepath.Dir(path)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if diff := cmp.Diff(want.Inputs, withoutType(valuesOf(h.Inputs))); diff != "" {
			t.Errorf("%s: inputs (-ONNX Runtime +probe):\n%s", path, diff)
		}
		outputs := withoutType(valuesOf(h.Outputs))
		for i, v := range outputs { // ONNX Runtime infers sizes that the file leaves open
			for j := range v.Shape {
				if size, ok := want.Outputs[i].Shape[j].(float64); ok && v.Shape[j] != size {
					if _, fixed := v.Shape[j].(float64); !fixed {
						v.Shape[j] = size
					}
				}
			}
		}
		if diff := cmp.Diff(want.Outputs, outputs); diff != "" {
			t.Errorf("%s: outputs (-ONNX Runtime +probe):\n%s", path, diff)
		}
	}
}

func withoutType(values []valueTruth) []valueTruth {
	for i := range values {
		values[i].DType = 0
	}
	return values
}

func zooGraphs(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, pattern := range []string{"*/*.onnx", "*/onnx/*.onnx"} {
		found, err := filepath.Glob(testenv.Zoo(pattern))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	if len(paths) < 10 {
		t.Fatalf("expected the zoo's graphs, found %d", len(paths))
	}
	return paths
}
