package gomlx

import (
	"bytes"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/onnx/pb"
	"github.com/divinedevops/probe/models/tensor"
)

// TestScalarOfAnEmptyShape runs what PyTorch's exporter writes for an attention mask: ConstantOfShape with a value of shape
// [1], for the empty shape.
func TestScalarOfAnEmptyShape(t *testing.T) {
	t.Parallel()
	b := &onnx.Builder{}
	b.Input(tensor.Info{Name: "x", DType: tensor.Int64, Shape: []int64{2}})
	b.Output(tensor.Info{Name: "y", DType: tensor.Int64, Shape: []int64{2}})
	b.Int64s("shape", []int64{0})
	b.Node("ConstantOfShape", []string{"shape"}, []string{"seven"})
	b.Node("Add", []string{"x", "seven"}, []string{"y"})
	whole := b.Bytes()
	withValue, err := onnx.Detach(bytes.NewReader(whole), int64(len(whole)), onnx.Detachment{Node: func(n []byte) [][]byte {
		if op, _ := pb.Get(n, pb.NodeOpType); string(op) == "ConstantOfShape" {
			seven := tensorAttribute(tensor.Int64, []int64{1}, []byte{7, 0, 0, 0, 0, 0, 0, 0})
			n = pb.AppendBytes(n, pb.NodeAttribute, seven)
		}
		return [][]byte{n}
	}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New().Open(t.Context(), engine.Graph{Bytes: withValue, Inputs: b.Inputs(), Outputs: b.Outputs()},
		engine.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := s.Run(t.Context(), []tensor.Named{{Name: "x", Tensor: tensor.NewInt64([]int64{1, 2}, 2)}}, []string{"y"})
	if err != nil || !slices.Equal(got[0].I64, []int64{8, 9}) {
		t.Errorf("expected [8 9], found %+v (%v)", got, err)
	}
}

func TestRepairLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	axis0 := op{name: "Flatten", in: []string{"x"}, out: []string{"y"}, attrs: [][]byte{intAttribute("axis", 0)}}.encode()
	for _, node := range [][]byte{newNode("Add", "z", "x", "y"), newNode("ConstantOfShape", "z", "x"), axis0} {
		if got := repair(node); len(got) != 1 || !bytes.Equal(got[0], node) {
			t.Errorf("expected %q as it is, found %q", node, got)
		}
	}
}

func newNode(name, result string, in ...string) []byte {
	return op{name: name, in: in, out: []string{result}}.encode()
}

func FuzzRepair(f *testing.F) {
	f.Add(newNode("Flatten", "y", "x"))
	f.Add(newNode("ConstantOfShape", "y", "x"))
	f.Add(pb.AppendBytes(newNode("ConstantOfShape", "y", "x"), pb.NodeAttribute, pb.AppendBytes(nil, pb.AttributeTensor, []byte{8, 1})))
	f.Fuzz(func(t *testing.T, node []byte) {
		for _, n := range repair(node) {
			if bytes.Equal(n, node) {
				continue
			}
			for len(n) > 0 { // what was changed is well formed
				number, kind, size := protowire.ConsumeField(n)
				if size < 0 {
					t.Fatalf("repaired to a malformed node at field %d of type %d", number, kind)
				}
				n = n[size:]
			}
		}
	})
}
