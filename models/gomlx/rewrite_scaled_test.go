package gomlx

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/enginetest"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/onnx/pb"
	"github.com/divinedevops/probe/models/tensor"
)

// TestScaledWeights looks 8-bit rows up and multiplies with 8-bit columns, with every shape of a scale: the numbers are
// the same as with the tables turned into float32, and no whole table is.
func TestScaledWeights(t *testing.T) {
	t.Parallel()
	toFloat := onnx.Int("to", int64(tensor.Float32))
	for name, test := range map[string]struct {
		rows, columns tensor.Tensor // the scales of the table and of the matrix
		first, kept   bool          // the look-up comes first, the scale of the matrix stays before the product
		want          []float32
	}{
		"by row and column": {tensor.NewFloat32([]float32{1, 10, 100}, 3, 1), tensor.NewFloat32([]float32{1, 2}, 1, 2), true, false,
			[]float32{-500, 600 * 2, 30, -40 * 2}},
		"a vector of columns": {tensor.NewFloat32([]float32{2}), tensor.NewFloat32([]float32{1, 2}, 2), true, false,
			[]float32{-10, 12 * 2, 6, -8 * 2}},
		"one scale each": {tensor.NewFloat32([]float32{2}), tensor.NewFloat32([]float32{3}), true, false, []float32{-30, 36, 18, -24}},
		"neither rows, nor columns": {tensor.NewFloat32([]float32{2, 3}, 1, 2), tensor.NewFloat32([]float32{2, 5}, 2, 1), false, true,
			[]float32{-10 * 2, 18 * 5, 6 * 2, -12 * 5}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := &enginetest.Graph{}
			g.Input("ids", tensor.Int64, 1, "seq")
			g.Output("y", tensor.Float32, 1, "seq", 2)
			g.Constant("table", tensor.Tensor{DType: tensor.Int8, Shape: []int64{3, 2}, Raw: []byte{1, 2, 3, 252, 251, 6}})
			g.Constant("matrix", tensor.Tensor{DType: tensor.Int8, Shape: []int64{2, 2}, Raw: []byte{1, 0, 0, 1}})
			g.Constant("rows", test.rows)
			g.Constant("columns", test.columns)
			g.Node("Cast", []string{"table"}, []string{"wide table"}, toFloat)
			g.Node("Mul", []string{"rows", "wide table"}, []string{"scaled table"})
			g.Node("Gather", []string{"scaled table", "ids"}, []string{"states"})
			g.Node("Cast", []string{"matrix"}, []string{"wide matrix"}, toFloat)
			g.Node("Mul", []string{"wide matrix", "columns"}, []string{"scaled matrix"})
			g.Node("MatMul", []string{"states", "scaled matrix"}, []string{"y"})
			s, err := New().Open(t.Context(), g.Engine(""), engine.Options{TempDir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			in := []tensor.Named{{Name: "ids", Tensor: tensor.NewInt64([]int64{2, 1}, 1, 2)}}
			got, err := s.Run(t.Context(), in, []string{"y"})
			if err != nil || !slices.Equal(got[0].F32, test.want) {
				t.Errorf("expected %v, found %v (%v)", test.want, got, err)
			}
			used := inputsOf(t, g.Bytes())
			if first := !used["Gather"]["scaled table"]; first != test.first {
				t.Errorf("the look-up comes first: expected %v, found %v", test.first, first)
			}
			if kept := used["MatMul"]["scaled matrix"]; kept != test.kept {
				t.Errorf("the scale comes first: expected %v, found %v", test.kept, kept)
			}
		})
	}
}

// inputsOf lists what each operator of the rewritten graph takes.
func inputsOf(t *testing.T, model []byte) map[string]map[string]bool {
	t.Helper()
	rewritten, _, err := rewriteGraph(model)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]map[string]bool{}
	graph, _ := pb.Get(rewritten, pb.ModelGraph)
	pb.Each(graph, func(n protowire.Number, _, content []byte) {
		if n != pb.GraphNode {
			return
		}
		o := decode(content)
		if used[o.name] == nil {
			used[o.name] = map[string]bool{}
		}
		for _, in := range o.in {
			used[o.name][in] = true
		}
	})
	return used
}
