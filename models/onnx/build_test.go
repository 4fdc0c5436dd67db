package onnx_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/onnx/pb"
	"github.com/divinedevops/probe/models/tensor"
)

// built is a graph with an input of symbolic dimensions, attributes of every kind, and constants inside and outside.
func built() *onnx.Builder {
	b := &onnx.Builder{Name: "g", Producer: "probe", ProducerVersion: "1"}
	b.Input(tensor.Info{
		Name: "x", DType: tensor.Float32, Shape: []int64{tensor.DynamicDim, 3}, Symbols: []string{"batch", ""},
	})
	b.Float32s("one", nil, 1)
	b.Int64s("axes", []int64{2}, 0, -1)
	b.Initializer(onnx.Initializer{
		Name: "w", DType: tensor.Float16, Shape: []int64{2, 3},
		External: onnx.External{Location: "weights.bin", Offset: 4, Length: 12},
	})
	b.Node("Cast", []string{"w"}, []string{"w32"}, onnx.Int("to", int64(tensor.Float32)))
	b.Node("Gemm", []string{"x", "w32"}, []string{"y"}, onnx.Int("transB", 1), onnx.Float("alpha", 0.5))
	b.Node("Transpose", []string{"y"}, []string{"z"}, onnx.Ints("perm", 1, 0))
	b.Output(tensor.Info{Name: "z", DType: tensor.Float32, Shape: []int64{2, tensor.DynamicDim}})
	return b
}

func head(t *testing.T, model []byte) *onnx.Head {
	t.Helper()
	h, err := onnx.ReadHeadFrom(bytes.NewReader(model), int64(len(model)), "model")
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// text is a field of text.
func text(message []byte, number protowire.Number) string {
	b, _ := pb.Get(message, number)
	return string(b)
}

func TestReaderReadsWhatBuilderWrites(t *testing.T) {
	t.Parallel()
	b := built()
	h := head(t, b.Bytes())
	written := b.Bytes()
	graph, _ := pb.Get(written, pb.ModelGraph)
	opset, _ := pb.Get(written, pb.ModelOpset)
	for want, got := range map[string]string{
		"g": text(graph, pb.GraphName), "probe": text(written, pb.ModelProducer), "1": text(written, pb.ModelProducerVersion),
	} {
		if got != want {
			t.Errorf("expected %q, found %q", want, got)
		}
	}
	if v := pb.Ints(opset, pb.OpsetVersion); len(v) != 1 || v[0] != onnx.Opset {
		t.Errorf("expected operator set %d, found %v", onnx.Opset, v)
	}
	in, out := h.Inputs[0], h.Outputs[0]
	if in.Name != "x" || in.DType != tensor.Float32 || in.Symbols[0] != "batch" ||
		!slices.Equal(in.Shape, []int64{tensor.DynamicDim, 3}) {
		t.Errorf("input %+v", in)
	}
	if out.Name != "z" || !slices.Equal(out.Shape, []int64{2, tensor.DynamicDim}) {
		t.Errorf("output %+v", out)
	}
	if h.Nodes != 3 || h.Ops["Gemm"] != 1 || h.Ops["Transpose"] != 1 || h.Ops["Cast"] != 1 {
		t.Errorf("nodes %v", h.Ops)
	}
	if !slices.Equal(h.ExternalFiles, []string{"weights.bin"}) || len(h.Tensors) != 3 {
		t.Fatalf("external %q, tensors %+v", h.ExternalFiles, h.Tensors)
	}
	w := h.Tensors[2]
	if w.Name != "w" || w.DType != tensor.Float16 || w.External == nil ||
		*w.External != (onnx.External{Location: "weights.bin", Offset: 4, Length: 12}) {
		t.Errorf("weight %+v", w)
	}
}

func TestExportPutsWeightsInside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	weights := []byte("....abcdefghijkl....")
	if err := os.WriteFile(filepath.Join(dir, "weights.bin"), weights, 0o600); err != nil {
		t.Fatal(err)
	}
	var model bytes.Buffer
	if err := built().Export(&model, dir); err != nil {
		t.Fatal(err)
	}
	h := head(t, model.Bytes())
	if len(h.ExternalFiles) != 0 || len(h.Tensors) != 3 || h.Tensors[2].Bytes != 12 {
		t.Errorf("external %q, tensors %+v", h.ExternalFiles, h.Tensors)
	}
	if !bytes.Contains(model.Bytes(), []byte("abcdefghijkl")) || bytes.Contains(model.Bytes(), []byte("...")) {
		t.Error("expected exactly the tensor's bytes inside")
	}
	var data bytes.Buffer
	model.Reset()
	if err := built().ExportExternal(&model, &data, "model.onnx.data", dir); err != nil {
		t.Fatal(err)
	}
	h = head(t, model.Bytes())
	if !slices.Equal(h.ExternalFiles, []string{"model.onnx.data"}) || data.String() != "abcdefghijkl" {
		t.Errorf("external %q, data %q", h.ExternalFiles, data.String())
	}
}

// TestExternalDataIsAligned: every tensor begins at a page.
func TestExternalDataIsAligned(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "w"), []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := &onnx.Builder{Name: "g"}
	for i, name := range []string{"a", "b", "c"} {
		b.Initializer(onnx.Initializer{
			Name: name, DType: tensor.Uint8, Shape: []int64{1},
			External: onnx.External{Location: "w", Offset: int64(i), Length: 1},
		})
	}
	var model, data bytes.Buffer
	if err := b.ExportExternal(&model, &data, "d", dir); err != nil {
		t.Fatal(err)
	}
	for i, tensor := range head(t, model.Bytes()).Tensors {
		at := tensor.External.Offset
		if at%4096 != 0 || data.Bytes()[at] != "abc"[i] {
			t.Errorf("%s at %d", tensor.Name, at)
		}
	}
}

func TestExportFailures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "weights.bin"), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := built().Export(io.Discard, dir)
	wantKind(t, err, failure.KindTruncated, "weights.bin")
	if err := built().Export(io.Discard, t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("expected that the weights are not there, got %v", err)
	}
	b := &onnx.Builder{Name: "g"}
	b.Initializer(onnx.Initializer{
		Name: "big", DType: tensor.Uint8, Shape: []int64{onnx.MaxInside},
		External: onnx.External{Location: "weights.bin", Length: onnx.MaxInside},
	})
	wantKind(t, b.Export(io.Discard, dir), failure.KindTooLarge, "a file of their own")
}

func wantKind(t *testing.T, err error, kind failure.Kind, says string) {
	t.Helper()
	var e *failure.Error
	if !errors.As(err, &e) || e.Kind != kind || !strings.Contains(e.Message, says) {
		t.Errorf("expected %s with %q, got %v", kind, says, err)
	}
}
