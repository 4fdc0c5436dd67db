//go:build cgo

package ort

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/enginetest"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// negation is y = -x.
func negation(d tensor.DType) *enginetest.Graph {
	g := &enginetest.Graph{}
	g.Input("x", d, "n", 2)
	g.Output("y", d, "n", 2)
	g.Node("Neg", []string{"x"}, []string{"y"})
	return g
}

func TestOpenLibrary(t *testing.T) {
	t.Parallel()
	path := testenv.ONNXRuntime(t)
	a, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Open(path)
	if err != nil || a.Version() != b.Version() || a.Version() == "" {
		t.Errorf("expected the same library twice, found %v and %v (%v)", a, b, err)
	}
	text := filepath.Join(t.TempDir(), "libonnxruntime.so")
	if err := os.WriteFile(text, []byte("INPUT(libonnxruntime.so.1)"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{"": "found none", text: "only one ONNX Runtime per process", text + ".gone": "no such file"} {
		_, err := Open(path)
		var e *failure.Error
		if !errors.As(err, &e) || e.Kind != failure.KindRuntimeUnavailable || !strings.Contains(e.Message, says) {
			t.Errorf("%q: expected an error that says %q, found %v", path, says, err)
		}
	}
	if err := load(text); err == nil || !strings.Contains(err.Error(), "not an ONNX Runtime library") {
		t.Errorf("expected a text file to be refused, found %v", err)
	}
}

// TestProfile records a session on the CPU, which is done for one on a GPU only.
func TestProfile(t *testing.T) {
	t.Parallel()
	if _, err := Open(testenv.ONNXRuntime(t)); err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	o := engine.Options{Profile: true, TempDir: temp, Device: engine.Device{Kind: engine.CPU}}
	s, err := ortEngine{profileCPU: true}.Open(t.Context(), negation(tensor.Float32).Engine(""), o)
	if err != nil {
		t.Fatal(err)
	}
	x := []tensor.Named{{Name: "x", Tensor: tensor.NewFloat32([]float32{1, 2}, 1, 2)}}
	for range 3 {
		if _, err := s.Run(t.Context(), x, []string{"y"}); err != nil {
			t.Fatal(err)
		}
	}
	p, err := s.Provider()
	if err != nil || p.Name != CPUProvider || p.Nodes[CPUProvider] != 3 || len(p.Nodes) != 1 {
		t.Errorf("expected 3 nodes on %s, found %+v (%v)", CPUProvider, p, err)
	}
	if _, err := s.Provider(); err == nil {
		t.Error("expected Provider to be called once")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	unread, err := ortEngine{profileCPU: true}.Open(t.Context(), negation(tensor.Float32).Engine(""), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := unread.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("expected nothing left in the temporary folder, found %v (%v)", left, err)
	}
}

// TestHubCache opens a graph as a Hugging Face cache holds it: its files are links to blobs. Its output is half precision,
// so that it is opened from memory.
func TestHubCache(t *testing.T) {
	t.Parallel()
	e, err := Open(testenv.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	blobs, snapshot := filepath.Join(root, "blobs"), filepath.Join(root, "snapshots", "0123", "onnx")
	for _, dir := range []string{blobs, snapshot} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	half := func(values ...float32) []byte {
		var b []byte
		for _, v := range values {
			h := tensor.Float32ToHalf(v)
			b = append(b, byte(h), byte(h>>8))
		}
		return b
	}
	g := &enginetest.Graph{}
	g.Input("x", tensor.Float16, "n", 2)
	g.Output("y", tensor.Float16, "n", 2)
	g.External("w", tensor.Float16, []int64{2}, onnx.External{Location: "model.onnx_data", Offset: 2, Length: 4})
	g.Node("Add", []string{"x", "w"}, []string{"y"})
	for name, content := range map[string][]byte{"model.onnx": g.Bytes(), "model.onnx_data": half(0, 10, 20)} {
		blob := "blob-of-" + name[len(name)-4:]
		if err := os.WriteFile(filepath.Join(blobs, blob), content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join("..", "..", "..", "blobs", blob), filepath.Join(snapshot, name)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := e.Open(t.Context(), engine.Graph{Path: filepath.Join(snapshot, "model.onnx"), Inputs: g.Inputs(), Outputs: g.Outputs()},
		engine.Options{Device: engine.Device{Kind: engine.CPU}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	x := tensor.Tensor{DType: tensor.Float16, Shape: []int64{1, 2}, Raw: half(1, 2)}
	got, err := s.Run(t.Context(), []tensor.Named{{Name: "x", Tensor: x}}, []string{"y"})
	if err != nil {
		t.Fatal(err)
	}
	if want := half(11, 22); string(got[0].Raw) != string(want) || got[0].DType != tensor.Float16 {
		t.Errorf("expected %v, found %+v", want, got[0])
	}
}

// TestExternalDataStaysInside returns data outside the folder: the library's own check is the last one.
func TestExternalDataStaysInside(t *testing.T) {
	t.Parallel()
	e, err := Open(testenv.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	dir := filepath.Join(root, "model")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "secret"), make([]byte, 64), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, location := range []string{"../secret", filepath.ToSlash(filepath.Join(root, "secret"))} {
		g := &enginetest.Graph{}
		g.Input("x", tensor.Float32, "n", 2)
		g.Output("y", tensor.Float32, "n", 2)
		g.External("w", tensor.Float32, []int64{2}, onnx.External{Location: location, Length: 8})
		g.Node("Add", []string{"x", "w"}, []string{"y"})
		path := filepath.Join(dir, "model.onnx")
		if err := os.WriteFile(path, g.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		byPath := engine.Graph{Path: path, Inputs: g.Inputs(), Outputs: g.Outputs()}
		for _, graph := range []engine.Graph{g.Engine(dir), byPath} {
			_, err := e.Open(t.Context(), graph, engine.Options{Device: engine.Device{Kind: engine.CPU}})
			var fault *failure.Error
			if !errors.As(err, &fault) || fault.Kind != failure.KindUnsafePath {
				t.Errorf("%s: expected unsafe_path, found %v", location, err)
			}
		}
	}
}
