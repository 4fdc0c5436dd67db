package onnx_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// poolerGraph is a transformer's end: token states from ids, a pooler over the first state, a projection of it, and an image
// side that knows nothing of them. act is the pooler's activation; whole leaves the one token out of it.
func poolerGraph(t *testing.T, act string, whole bool) *onnx.Head {
	t.Helper()
	var b onnx.Builder
	b.Input(tensor.Info{Name: "ids", DType: tensor.Int64, Shape: []int64{-1, -1}})
	b.Input(tensor.Info{Name: "pixels", DType: tensor.Float32, Shape: []int64{-1, 4}})
	b.Input(tensor.Info{Name: "unread", DType: tensor.Int64, Shape: []int64{-1, -1}})
	b.Float32s("table", []int64{3, 4}, make([]float32, 12)...)
	b.Float32s("w", []int64{4, 4}, make([]float32, 16)...)
	b.Float32s("bias", []int64{4}, make([]float32, 4)...)
	b.Int64s("zero", []int64{1}, 0)
	b.Node("Gather", []string{"table", "ids"}, []string{"states"})
	first := "states"
	if !whole {
		b.Node("Gather", []string{"states", "zero"}, []string{"one"})
		b.Node("Squeeze", []string{"one", "zero"}, []string{"first"})
		first = "first"
	}
	b.Node("MatMul", []string{first, "w"}, []string{"dense"})
	b.Node("Add", []string{"bias", "dense"}, []string{"sum"})
	b.Node(act, []string{"sum"}, []string{"882"})
	b.Node("MatMul", []string{"pixels", "w"}, []string{"seen"})
	for _, name := range []string{"states", "882", "seen"} {
		b.Output(tensor.Info{Name: name, DType: tensor.Float32, Shape: []int64{-1, 4}})
	}
	data := b.Bytes()
	h, err := onnx.ReadHeadFrom(bytes.NewReader(data), int64(len(data)), "graph")
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestIsPooler(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		act   string
		whole bool
		want  bool
	}{{"Tanh", false, true}, {"Relu", false, false}, {"Tanh", true, false}} {
		if got := poolerGraph(t, c.act, c.whole).IsPooler("882"); got != c.want {
			t.Errorf("%s, whole sequence %v: expected %v, found %v", c.act, c.whole, c.want, got)
		}
	}
}

func TestDownstream(t *testing.T) {
	t.Parallel()
	h := poolerGraph(t, "Tanh", false)
	for _, c := range []struct {
		value, from string
		want        bool
	}{{"882", "ids", true}, {"882", "states", true}, {"882", "pixels", false}, {"seen", "pixels", true}, {"seen", "ids", false}} {
		if reached := h.Downstream(c.from); reached == nil || reached[c.value] != c.want {
			t.Errorf("%s on %s: expected %v, found %v", c.value, c.from, c.want, reached)
		}
	}
	if !h.Reads("ids") || h.Reads("unread") {
		t.Errorf("ids read: %v, unread: %v", h.Reads("ids"), h.Reads("unread"))
	}
}

// The pooler of a real export has a number for a name, in float32 and in int8.
func TestRealPooler(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"all-minilm-l6-v2", "bge-small-en-v15", "e5-small-v2"} {
		files, err := filepath.Glob(filepath.Join(testenv.LangChain4j(t, name), "*.onnx"))
		if err != nil || len(files) != 1 {
			t.Fatalf("%s: %q, %v", name, files, err)
		}
		h, err := onnx.ReadHead(files[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, out := range h.Outputs {
			if vector := len(out.Shape) == 2; h.IsPooler(out.Name) != vector {
				t.Errorf("%s: output %s of shape %v: pooler %v", name, out.Name, out.Shape, !vector)
			}
		}
	}
}

// TestPoolerOfManyReaders: values that are read in many ways are looked at once. Followed one way after the other this graph
// would take 64 to the power of 12 steps.
func TestPoolerOfManyReaders(t *testing.T) {
	t.Parallel()
	var b onnx.Builder
	b.Input(tensor.Info{Name: "x0", DType: tensor.Float32, Shape: []int64{-1, 4}})
	last := "x0"
	for range 12 {
		next := last + "'"
		b.Node("Mul", slices.Repeat([]string{last}, 64), []string{next})
		last = next
	}
	b.Node("MatMulInteger", []string{last, last}, []string{"dense"})
	b.Node("Tanh", []string{"dense"}, []string{"y"})
	b.Output(tensor.Info{Name: "y", DType: tensor.Float32, Shape: []int64{-1, 4}})
	data := b.Bytes()
	h, err := onnx.ReadHeadFrom(bytes.NewReader(data), int64(len(data)), "graph")
	if err != nil {
		t.Fatal(err)
	}
	if h.IsPooler("y") {
		t.Error("a graph without a token is no pooler")
	}
}
