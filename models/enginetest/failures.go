package enginetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// fails wants a *failure.Error of the stage and kind whose text has all parts.
func fails(t *testing.T, err error, stage failure.Stage, kind failure.Kind, parts ...string) {
	t.Helper()
	var e *failure.Error
	if !errors.As(err, &e) {
		t.Fatalf("expected a *failure.Error, found %T: %v", err, err)
	}
	if e.Stage != stage || e.Kind != kind {
		t.Errorf("expected %s at %s, found %s at %s: %v", kind, stage, e.Kind, e.Stage, err)
	}
	for _, p := range parts {
		if !strings.Contains(e.Message, p) {
			t.Errorf("expected an error that names %q, found: %v", p, err)
		}
	}
}

func unknownOperator(t *testing.T, e Engine) {
	g := &Graph{}
	g.Input("x", tensor.Float32, "batch", 2)
	g.Output("y", tensor.Float32, "batch", 2)
	g.Node("FooBar", []string{"x"}, []string{"y"})
	_, err := e.Open(t.Context(), g.Engine(""), engine.Options{TempDir: t.TempDir()})
	fails(t, err, failure.StageLoad, failure.KindUnsupportedOp, "FooBar")
}

func notGraphs(t *testing.T, e Engine) {
	g := lookupGraph().Engine("")
	whole := g.Bytes
	g.Bytes = []byte("<html><body>404</body></html>")
	_, err := e.Open(t.Context(), g, engine.Options{TempDir: t.TempDir()})
	fails(t, err, failure.StageLoad, failure.KindInvalidFormat)

	g.Bytes = whole[:60]
	_, err = e.Open(t.Context(), g, engine.Options{TempDir: t.TempDir()})
	var fault *failure.Error
	if !errors.As(err, &fault) || fault.Kind != failure.KindTruncated && fault.Kind != failure.KindInvalidFormat {
		t.Errorf("expected truncated or invalid_format for half a graph, found %v", err)
	}
	_, err = e.Open(t.Context(), engine.Graph{}, engine.Options{})
	fails(t, err, failure.StageLoad, failure.KindInternal)
}

func missingData(t *testing.T, e Engine) {
	g := &Graph{}
	g.Input("input_ids", tensor.Int64, "batch", "seq")
	g.Output("y", tensor.Float32, "batch", "seq", 3)
	g.External("table", tensor.Float32, []int64{5, 3}, onnx.External{Location: "weights.bin", Length: 60})
	g.Node("Gather", []string{"table", "input_ids"}, []string{"y"})
	dir := t.TempDir()
	_, err := e.Open(t.Context(), g.Engine(dir), engine.Options{TempDir: t.TempDir()})
	fails(t, err, failure.StageLoad, failure.KindMissingFile, "weights.bin")

	if err := os.WriteFile(filepath.Join(dir, "weights.bin"), make([]byte, 59), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = e.Open(t.Context(), g.Engine(dir), engine.Options{TempDir: t.TempDir()})
	fails(t, err, failure.StageLoad, failure.KindTruncated)
}

func contexts(t *testing.T, e Engine) {
	ended, cancel := context.WithCancel(t.Context())
	s := open(t, e, lookupGraph().Engine(""), engine.Options{})
	cancel()
	_, err := e.Open(ended, lookupGraph().Engine(""), engine.Options{TempDir: t.TempDir()})
	fails(t, err, failure.StageLoad, failure.KindTimeout)
	_, err = s.Run(ended, ids(1, 1, 0), []string{"sum"})
	fails(t, err, failure.StageInference, failure.KindTimeout)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("expected the context's error wrapped, found %v", err)
	}
}

// longRun multiplies matrices for minutes where nothing stops it.
func longRun(t *testing.T, e Engine) {
	const size = 700
	g := &Graph{}
	g.Input("x", tensor.Float32, size, size)
	g.Output("y", tensor.Float32, size, size)
	last := "x"
	for i := range 2000 {
		next := "y"
		if i < 1999 {
			next = "h" + string(rune('a'+i%26)) + strings.Repeat("z", i/26)
		}
		g.Node("MatMul", []string{last, "x"}, []string{next})
		last = next
	}
	s := open(t, e, g.Engine(""), engine.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	in := []tensor.Named{{Name: "x", Tensor: tensor.NewFloat32(make([]float32, size*size), size, size)}}
	_, err := s.Run(ctx, in, []string{"y"})
	fails(t, err, failure.StageInference, failure.KindTimeout)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("expected the context's error wrapped, found %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func failedRun(t *testing.T, e Engine) {
	g := &Graph{}
	g.Input("x", tensor.Float32, "batch", "n")
	g.Output("y", tensor.Float32, "rows", 3)
	g.Constant("shape", tensor.NewInt64([]int64{-1, 3}, 2))
	g.Node("Reshape", []string{"x", "shape"}, []string{"y"})
	s := open(t, e, g.Engine(""), engine.Options{})
	bad := []tensor.Named{{Name: "x", Tensor: tensor.NewFloat32([]float32{1, 2, 3, 4}, 1, 4)}}
	_, err := s.Run(t.Context(), bad, []string{"y"})
	// An engine that converts the graph for the shapes it gets cannot tell a wrong shape from an operator it lacks.
	var fault *failure.Error
	if errors.As(err, &fault) && fault.Kind == failure.KindUnsupportedOp {
		fails(t, err, failure.StageInference, failure.KindUnsupportedOp, "Reshape")
	} else {
		fails(t, err, failure.StageInference, failure.KindInference)
	}
	good := []tensor.Named{{Name: "x", Tensor: tensor.NewFloat32([]float32{1, 2, 3, 4, 5, 6}, 1, 6)}}
	same(t, run(t, s, good, "y")[0], tensor.NewFloat32([]float32{1, 2, 3, 4, 5, 6}, 2, 3))
	_, err = s.Run(t.Context(), bad, []string{"y"})
	fails(t, err, failure.StageInference, failure.KindInference)
}

// beyondTable looks up ids that the table lacks, the first and the last that it has, and none.
func beyondTable(t *testing.T, e Engine) {
	s := open(t, e, lookupGraph().Engine(""), engine.Options{})
	for _, id := range []int64{5, 1 << 40, -6} {
		_, err := s.Run(t.Context(), ids(1, 3, 0, id, 4), []string{"last_hidden_state"})
		fails(t, err, failure.StageInference, failure.KindInference, "Gather")
	}
	for id, first := range map[int64]float32{0: 0, 4: 40, -1: 40, -5: 0} {
		got := run(t, s, ids(1, 1, id), "last_hidden_state")[0]
		same(t, got, tensor.NewFloat32([]float32{first, first + 1, first + 2}, 1, 1, 3))
	}
	// Positions that the graph itself computes, as RoBERTa's.
	g := &Graph{}
	g.Input("input_ids", tensor.Int64, "batch", "seq")
	g.Output("y", tensor.Float32, "batch", "seq", 3)
	g.Constant("two", tensor.NewInt64([]int64{2}))
	g.Constant("table", table())
	g.Node("Add", []string{"input_ids", "two"}, []string{"positions"})
	g.Node("Gather", []string{"table", "positions"}, []string{"y"})
	s = open(t, e, g.Engine(""), engine.Options{})
	same(t, run(t, s, ids(1, 1, 2), "y")[0], tensor.NewFloat32([]float32{40, 41, 42}, 1, 1, 3))
	_, err := s.Run(t.Context(), ids(1, 1, 3), []string{"y"})
	fails(t, err, failure.StageInference, failure.KindInference, "Gather")
}

func wrongInputs(t *testing.T, e Engine) {
	s := open(t, e, lookupGraph().Engine(""), engine.Options{})
	one := ids(1, 1, 0)
	for name, in := range map[string][]tensor.Named{
		"none":      nil,
		"one more":  append(slices.Clone(one), tensor.Named{Name: "other", Tensor: one[0].Tensor}),
		"too short": {{Name: "input_ids", Tensor: tensor.NewInt64([]int64{1}, 1, 2)}},
	} {
		_, err := s.Run(t.Context(), in, []string{"sum"})
		if err == nil {
			t.Fatalf("%s: expected an error", name)
		}
		fails(t, err, failure.StageInference, failure.KindInternal)
	}
	_, err := s.Run(t.Context(), one, []string{"other"})
	fails(t, err, failure.StageInference, failure.KindInternal, "other")
}

func wrongDevice(t *testing.T, e Engine) {
	_, err := e.Open(t.Context(), lookupGraph().Engine(""),
		engine.Options{Device: engine.Device{Kind: "cuda", ID: "63"}, TempDir: t.TempDir()})
	fails(t, err, failure.StageLoad, failure.KindDeviceUnavailable, "cuda:63")
	_, err = e.Open(t.Context(), lookupGraph().Engine(""),
		engine.Options{Device: engine.Device{Kind: "toaster"}, TempDir: t.TempDir()})
	fails(t, err, failure.StageLoad, failure.KindDeviceUnavailable, "toaster")
}
