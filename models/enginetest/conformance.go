package enginetest

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// Engine is an engine with what is particular to it.
type Engine struct {
	engine.Engine
	// Provider is the execution provider that Session.Provider must name on the CPU.
	Provider string
	// DTypes are the element types, besides float32 and int64, that the engine takes and returns.
	DTypes []tensor.DType
	// Without names the tests of the suite that ask for more than the engine is meant to do.
	Without []string
}

// Conformance runs every test of the suite.
func Conformance(t *testing.T, e Engine) {
	tests := map[string]func(*testing.T, Engine){
		"tells its name and version":    named,
		"runs an embedding lookup":      lookup,
		"refuses ids beyond a table":    beyondTable,
		"takes axes of one name":        oneName,
		"takes changing shapes":         changingShapes,
		"takes and gives element types": elementTypes,
		"takes empty tensors":           emptyTensors,
		"gives outputs in order":        outputOrder,
		"hands outputs over":            ownership,
		"reads external data":           externalData,
		"opens a file":                  file,
		"names an unknown operator":     unknownOperator,
		"refuses what is not a graph":   notGraphs,
		"misses external data":          missingData,
		"ends with its context":         contexts,
		"stops a long run":              longRun,
		"flattens":                      flatten,
		"survives a failed run":         failedRun,
		"wants every input":             wrongInputs,
		"tells the execution provider":  provider,
		"chooses a device":              chosenDevice,
		"refuses a device it has not":   wrongDevice,
		"keeps sessions apart":          sessionsApart,
		"closes twice":                  closesTwice,
	}
	maps.Copy(tests, systemTests)
	for _, name := range e.Without {
		if tests[name] == nil && runtime.GOOS == "linux" { // elsewhere tests of the system may be missing
			t.Errorf("there is no test %q to leave out", name)
		}
		delete(tests, name)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, e)
		})
	}
}

func open(t *testing.T, e Engine, g engine.Graph, o engine.Options) engine.Session {
	t.Helper()
	o.Threads, o.TempDir = 1, t.TempDir()
	if o.Device.Kind == "" {
		o.Device.Kind = engine.CPU
	}
	s, err := e.Open(t.Context(), g, o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func run(t *testing.T, s engine.Session, in []tensor.Named, outs ...string) []tensor.Tensor {
	t.Helper()
	got, err := s.Run(t.Context(), in, outs)
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	if len(got) != len(outs) {
		t.Fatalf("Run gave %d outputs for %q", len(got), outs)
	}
	return got
}

func same(t *testing.T, got tensor.Tensor, want tensor.Tensor) {
	t.Helper()
	if got.DType != want.DType || !slices.Equal(got.Shape, want.Shape) {
		t.Fatalf("expected %s %v, found %s %v", want.DType, want.Shape, got.DType, got.Shape)
	}
	if !slices.Equal(got.F32, want.F32) || !slices.Equal(got.I64, want.I64) || !slices.Equal(got.Raw, want.Raw) {
		t.Fatalf("expected %v %v %v, found %v %v %v", want.F32, want.I64, want.Raw, got.F32, got.I64, got.Raw)
	}
}

// table is a vocabulary of 5 words x 3 dimensions; word w has 10w, 10w+1, 10w+2.
func table() tensor.Tensor {
	var data []float32
	for w := range 5 {
		for d := range 3 {
			data = append(data, float32(10*w+d))
		}
	}
	return tensor.NewFloat32(data, 5, 3)
}

// lookupGraph is the start of every text model: ids (batch x seq) to table rows (batch x seq x 3), and their sum over
// the sequence (batch x 3).
func lookupGraph() *Graph {
	g := &Graph{}
	g.Input("input_ids", tensor.Int64, "batch", "seq")
	g.Output("last_hidden_state", tensor.Float32, "batch", "seq", 3)
	g.Output("sum", tensor.Float32, "batch", 3)
	g.Constant("axes", tensor.NewInt64([]int64{1}, 1))
	g.Constant("table", table())
	g.Node("Gather", []string{"table", "input_ids"}, []string{"last_hidden_state"})
	g.Node("ReduceSum", []string{"last_hidden_state", "axes"}, []string{"sum"}, onnx.Int("keepdims", 0))
	return g
}

func ids(batch, seq int64, data ...int64) []tensor.Named {
	return []tensor.Named{{Name: "input_ids", Tensor: tensor.NewInt64(data, batch, seq)}}
}

func named(t *testing.T, e Engine) {
	if e.Name() == "" || e.Version() == "" {
		t.Errorf("expected a name and a version, found %q and %q", e.Name(), e.Version())
	}
}

func lookup(t *testing.T, e Engine) {
	s := open(t, e, lookupGraph().Engine(""), engine.Options{})
	if s.Inputs()[0].Name != "input_ids" || len(s.Outputs()) != 2 {
		t.Errorf("expected the graph's inputs and outputs, found %v and %v", s.Inputs(), s.Outputs())
	}
	got := run(t, s, ids(1, 2, 4, 1), "last_hidden_state", "sum")
	same(t, got[0], tensor.NewFloat32([]float32{40, 41, 42, 10, 11, 12}, 1, 2, 3))
	same(t, got[1], tensor.NewFloat32([]float32{50, 52, 54}, 1, 3))
}

// oneName gives both axes one name, as exporters do by mistake: names have no effect.
func oneName(t *testing.T, e Engine) {
	b := &Graph{}
	b.Input("input_ids", tensor.Int64, "batch", "batch")
	b.Output("sum", tensor.Float32, "batch", 3)
	b.Constant("axes", tensor.NewInt64([]int64{1}, 1))
	b.Constant("table", table())
	b.Node("Gather", []string{"table", "input_ids"}, []string{"states"})
	b.Node("ReduceSum", []string{"states", "axes"}, []string{"sum"}, onnx.Int("keepdims", 0))
	s := open(t, e, b.Engine(""), engine.Options{})
	same(t, run(t, s, ids(1, 2, 4, 1), "sum")[0], tensor.NewFloat32([]float32{50, 52, 54}, 1, 3))
	same(t, run(t, s, ids(2, 1, 4, 1), "sum")[0], tensor.NewFloat32([]float32{40, 41, 42, 10, 11, 12}, 2, 3))
}

func changingShapes(t *testing.T, e Engine) {
	s := open(t, e, lookupGraph().Engine(""), engine.Options{})
	same(t, run(t, s, ids(1, 1, 0), "sum")[0], tensor.NewFloat32([]float32{0, 1, 2}, 1, 3))
	same(t, run(t, s, ids(2, 3, 1, 1, 1, 2, 2, 2), "sum")[0],
		tensor.NewFloat32([]float32{30, 33, 36, 60, 63, 66}, 2, 3))
	same(t, run(t, s, ids(1, 1, 3), "sum")[0], tensor.NewFloat32([]float32{30, 31, 32}, 1, 3))
}

func outputOrder(t *testing.T, e Engine) {
	s := open(t, e, lookupGraph().Engine(""), engine.Options{})
	got := run(t, s, ids(1, 1, 2), "sum", "last_hidden_state")
	same(t, got[0], tensor.NewFloat32([]float32{20, 21, 22}, 1, 3))
	same(t, got[1], tensor.NewFloat32([]float32{20, 21, 22}, 1, 1, 3))
}

func ownership(t *testing.T, e Engine) {
	s := open(t, e, lookupGraph().Engine(""), engine.Options{})
	first := run(t, s, ids(1, 2, 1, 2), "last_hidden_state")[0]
	run(t, s, ids(1, 2, 3, 4), "last_hidden_state")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	same(t, first, tensor.NewFloat32([]float32{10, 11, 12, 20, 21, 22}, 1, 2, 3))
}

func externalData(t *testing.T, e Engine) {
	dir := t.TempDir()
	data := append([]byte("a head of 20 bytes.."), LittleEndian(table())...)
	if err := os.WriteFile(filepath.Join(dir, "model.safetensors"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	g := &Graph{}
	g.Input("input_ids", tensor.Int64, "batch", "seq")
	g.Output("y", tensor.Float32, "batch", "seq", 3)
	g.External("table", tensor.Float32, []int64{5, 3},
		onnx.External{Location: "model.safetensors", Offset: 20, Length: 60})
	g.Node("Gather", []string{"table", "input_ids"}, []string{"y"})
	want := tensor.NewFloat32([]float32{30, 31, 32}, 1, 1, 3)

	same(t, run(t, open(t, e, g.Engine(dir), engine.Options{}), ids(1, 1, 3), "y")[0], want)

	path := filepath.Join(dir, "model.onnx")
	if err := os.WriteFile(path, g.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	byPath := engine.Graph{Path: path, Inputs: g.Inputs(), Outputs: g.Outputs()}
	same(t, run(t, open(t, e, byPath, engine.Options{}), ids(1, 1, 3), "y")[0], want)
}

func file(t *testing.T, e Engine) {
	g := lookupGraph()
	path := filepath.Join(t.TempDir(), "model.onnx")
	if err := os.WriteFile(path, g.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, e, engine.Graph{Path: path, Inputs: g.Inputs(), Outputs: g.Outputs()}, engine.Options{})
	same(t, run(t, s, ids(1, 1, 2), "sum")[0], tensor.NewFloat32([]float32{20, 21, 22}, 1, 3))

	_, err := e.Open(t.Context(), engine.Graph{Path: path + ".gone", Inputs: g.Inputs(), Outputs: g.Outputs()}, engine.Options{})
	fails(t, err, failure.StageLoad, failure.KindNotFound)
}

// flatten puts the axis at each end, and between.
func flatten(t *testing.T, e Engine) {
	for axis, want := range map[int64][]int64{0: {1, 6}, 1: {1, 6}, 2: {2, 3}, 3: {6, 1}, -1: {2, 3}} {
		g := &Graph{}
		g.Input("x", tensor.Float32, 1, "n", 3)
		g.Output("y", tensor.Float32, "rows", "columns")
		g.Node("Flatten", []string{"x"}, []string{"y"}, onnx.Int("axis", axis))
		s := open(t, e, g.Engine(""), engine.Options{})
		data := []float32{1, 2, 3, 4, 5, 6}
		got := run(t, s, []tensor.Named{{Name: "x", Tensor: tensor.NewFloat32(data, 1, 2, 3)}}, "y")
		same(t, got[0], tensor.NewFloat32(data, want...))
	}
}

func provider(t *testing.T, e Engine) {
	s := open(t, e, lookupGraph().Engine(""), engine.Options{Profile: true})
	run(t, s, ids(1, 1, 0), "sum")
	p, err := s.Provider()
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != e.Provider || p.Nodes != nil && p.Nodes[e.Provider] == 0 {
		t.Errorf("expected provider %s, found %+v", e.Provider, p)
	}
}

// chosenDevice leaves the device to the engine, on a machine that may have a GPU or not.
func chosenDevice(t *testing.T, e Engine) {
	for _, kind := range []string{"", engine.Auto} {
		o := engine.Options{Device: engine.Device{Kind: kind}, Profile: true, TempDir: t.TempDir()}
		s, err := e.Open(t.Context(), lookupGraph().Engine(""), o)
		if err != nil {
			t.Fatal(err)
		}
		same(t, run(t, s, ids(1, 1, 1), "sum")[0], tensor.NewFloat32([]float32{10, 11, 12}, 1, 3))
		if p, err := s.Provider(); err != nil || p.Name == "" {
			t.Errorf("%q: expected a provider, found %+v (%v)", kind, p, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func sessionsApart(t *testing.T, e Engine) {
	a := open(t, e, lookupGraph().Engine(""), engine.Options{})
	g := &Graph{}
	g.Input("x", tensor.Float32, "n")
	g.Output("y", tensor.Float32, "n")
	g.Node("Neg", []string{"x"}, []string{"y"})
	b := open(t, e, g.Engine(""), engine.Options{})
	same(t, run(t, a, ids(1, 1, 1), "sum")[0], tensor.NewFloat32([]float32{10, 11, 12}, 1, 3))
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	x := []tensor.Named{{Name: "x", Tensor: tensor.NewFloat32([]float32{1, -2}, 2)}}
	same(t, run(t, b, x, "y")[0], tensor.NewFloat32([]float32{-1, 2}, 2))
}

func closesTwice(t *testing.T, e Engine) {
	s := open(t, e, lookupGraph().Engine(""), engine.Options{Profile: true})
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	_, err := s.Run(t.Context(), ids(1, 1, 0), []string{"sum"})
	fails(t, err, failure.StageInference, failure.KindInternal)
}
