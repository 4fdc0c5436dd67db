package onnx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx/pb"
	"github.com/divinedevops/probe/models/tensor"
)

// detachable has a large and a small initializer inside, one outside, and an input that an initializer fills.
func detachable() (*Builder, []byte) {
	b := &Builder{Name: "g"}
	large := make([]byte, 800)
	for i := range large {
		large[i] = byte(i)
	}
	b.Input(tensor.Info{Name: "x", DType: tensor.Float32, Shape: []int64{1, 2}})
	b.Input(tensor.Info{Name: "large", DType: tensor.Float32, Shape: []int64{2, 100}})
	b.Output(tensor.Info{Name: "y", DType: tensor.Float32, Shape: []int64{1, 100}})
	b.Output(tensor.Info{Name: "z", DType: tensor.Float32, Shape: []int64{1, 100}})
	b.Node("MatMul", []string{"x", "large"}, []string{"y"})
	b.Node("Add", []string{"y", "outside"}, []string{"z"})
	b.Initializer(Initializer{Name: "large", DType: tensor.Float32, Shape: []int64{2, 100}, Raw: large})
	b.Int64s("small", []int64{1}, 7)
	b.Initializer(Initializer{Name: "outside", DType: tensor.Float32, Shape: []int64{100},
		External: External{Location: "weights/data.bin", Offset: 8, Length: 400}})
	return b, large
}

func TestDetach(t *testing.T) {
	t.Parallel()
	b, large := detachable()
	whole := b.Bytes()
	out, err := Detach(bytes.NewReader(whole), int64(len(whole)), Detachment{
		Self: "model.onnx", Min: 100, Rename: func(l string) string { return "0-" + l },
		Inputs: []string{"x"}, Outputs: []string{"z"},
	})
	if err != nil {
		t.Fatal(err)
	}
	h, err := ReadHeadFrom(bytes.NewReader(out), int64(len(out)), "detached")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(h.InputNames(), []string{"x"}) || !slices.Equal(h.OutputNames(), []string{"z"}) || h.Nodes != 2 {
		t.Errorf("expected x, z and 2 nodes, found %v, %v and %d", h.InputNames(), h.OutputNames(), h.Nodes)
	}
	if want := []string{"0-weights/data.bin", "model.onnx"}; !slices.Equal(h.ExternalFiles, want) {
		t.Errorf("expected external files %v, found %v", want, h.ExternalFiles)
	}
	for _, tensor := range h.Tensors {
		switch tensor.Name {
		case "large":
			e := tensor.External
			if e == nil || e.Length != 800 || !bytes.Equal(whole[e.Offset:e.Offset+800], large) {
				t.Errorf("expected the tensor's place in the file, found %+v", e)
			}
		case "small":
			if tensor.External != nil {
				t.Errorf("expected the small tensor to stay, found %+v", tensor.External)
			}
		case "outside":
			if e := tensor.External; e == nil || e.Offset != 8 || e.Length != 400 {
				t.Errorf("expected the external tensor's own place, found %+v", e)
			}
		}
	}
	if bytes.Contains(out, large[:200]) {
		t.Error("expected the weights to stay behind")
	}
}

func TestDetachKeepsAllByDefault(t *testing.T) {
	t.Parallel()
	b, large := detachable()
	whole := b.Bytes()
	out, err := Detach(bytes.NewReader(whole), int64(len(whole)), Detachment{})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out, whole) {
		t.Errorf("expected a graph without documentation to be copied byte for byte, found %d bytes for %d", len(out), len(whole))
	}
	if !bytes.Contains(out, large) {
		t.Error("expected the weights to stay inside")
	}
}

func TestDetachChangesNodes(t *testing.T) {
	t.Parallel()
	b, _ := detachable()
	whole := b.Bytes()
	out, err := Detach(bytes.NewReader(whole), int64(len(whole)), Detachment{Node: func(node []byte) [][]byte {
		if bytes.Contains(node, []byte("MatMul")) {
			return [][]byte{node, pb.AppendString(nil, pb.NodeOpType, "Extra")}
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	h, err := ReadHeadFrom(bytes.NewReader(out), int64(len(out)), "detached")
	if err != nil || h.Ops["MatMul"] != 1 || h.Ops["Extra"] != 1 || h.Ops["Add"] != 0 {
		t.Errorf("expected MatMul and Extra without Add, found %v (%v)", h.Ops, err)
	}
}

func TestDetachRefuses(t *testing.T) {
	t.Parallel()
	b, _ := detachable()
	whole := b.Bytes()
	fixed := protowire.AppendFixed64(protowire.AppendTag(nil, 3, protowire.Fixed64Type), 1)
	for name, file := range map[string][]byte{"cut": whole[:len(whole)/2], "text": []byte("<html>"), "fixed": fixed} {
		_, err := Detach(bytes.NewReader(file), int64(len(file)), Detachment{Self: "x"})
		var e *failure.Error
		if !errors.As(err, &e) || e.Kind != failure.KindInvalidFormat {
			t.Errorf("%s: expected invalid_format, found %v", name, err)
		}
	}
}

// TestDetachRealModel compares every detached tensor's place with the bytes that were there.
func TestDetachRealModel(t *testing.T) {
	t.Parallel()
	path := testenv.ParaphraseL3(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, err := ReadHead(path)
	if err != nil {
		t.Fatal(err)
	}
	out, err := Detach(bytes.NewReader(whole), int64(len(whole)), Detachment{Self: "self", Min: 4096})
	if err != nil {
		t.Fatal(err)
	}
	after, err := ReadHeadFrom(bytes.NewReader(out), int64(len(out)), "detached")
	if err != nil {
		t.Fatal(err)
	}
	if len(out) > len(whole)/10 || after.Weights.Parameters != before.Weights.Parameters || after.Nodes != before.Nodes {
		t.Errorf("expected the same graph in a tenth of the bytes, found %d of %d, %+v for %+v", len(out), len(whole), after.Weights,
			before.Weights)
	}
	far := 0
	for i, tensor := range after.Tensors {
		if e := tensor.External; e != nil {
			far++
			if e.Length != before.Tensors[i].Bytes || e.Offset+e.Length > int64(len(whole)) {
				t.Errorf("%s: expected %d bytes inside the file, found %+v", tensor.Name, before.Tensors[i].Bytes, e)
			}
			// Before the data stand the field's tag and length.
			prefix := protowire.AppendVarint(protowire.AppendTag(nil, pb.TensorRaw, protowire.BytesType), uint64(e.Length))
			if !bytes.HasSuffix(whole[:e.Offset], prefix) {
				t.Errorf("%s: expected the tensor's data at %d", tensor.Name, e.Offset)
			}
		}
	}
	if far < 20 {
		t.Errorf("expected the model's matrices outside, found %d", far)
	}
}

func FuzzDetach(f *testing.F) {
	b, _ := detachable()
	f.Add(b.Bytes())
	f.Add(binary.BigEndian.AppendUint64(nil, 0x3a063a043a023a00))
	f.Fuzz(func(t *testing.T, file []byte) {
		out, err := Detach(bytes.NewReader(file), int64(len(file)), Detachment{Self: "s", Min: 8,
			Rename: func(string) string { return "r" }, Node: func(n []byte) [][]byte { return [][]byte{n} }})
		if err != nil {
			return
		}
		// What was detached can be detached again, to the same.
		again, err := Detach(bytes.NewReader(out), int64(len(out)), Detachment{Self: "s", Min: 8,
			Rename: func(l string) string { return l }})
		if err != nil || !bytes.Equal(out, again) {
			t.Errorf("expected the same once more, found %x for %x (%v)", again, out, err)
		}
	})
}
