package gomlx

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/enginetest"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// detached is a graph of the zoo or the test environment as it is rewritten: without its weights.
func detached(t testing.TB, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	model, err := onnx.Detach(f, info.Size(), onnx.Detachment{Self: "w", Min: minDetached})
	if err != nil {
		t.Fatal(err)
	}
	return model
}

// TestRewriteLeavesTheRest: a graph that no rule is about stays as it is, byte by byte.
func TestRewriteLeavesTheRest(t *testing.T) {
	t.Parallel()
	g := &enginetest.Graph{}
	g.Input("x", tensor.Float32, 3, 4)
	g.Output("y", tensor.Float32, "a", 4)
	g.Node("Softmax", []string{"x"}, []string{"s"}, onnx.Int("axis", 0))
	g.Node("Gelu", []string{"s"}, []string{"y"}, onnx.String("approximate", "none"))
	before := g.Bytes()
	after, told, err := rewriteGraph(before)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("expected the graph unchanged, found %d bytes for %d, %v", len(after), len(before), err)
	}
	if len(told.places) != 2 || told.places[1] != (place{"Gelu", "y", "y"}) {
		t.Errorf("places %+v", told.places)
	}
}

// TestRewriteIsBounded: names so long that the rules' copies of them add up are refused.
func TestRewriteIsBounded(t *testing.T) {
	t.Parallel()
	g := &enginetest.Graph{}
	long := strings.Repeat("x", 60<<10)
	g.Input(long, tensor.Float32, "a", 4)
	for range 600 {
		g.Node("GatherND", []string{long, long}, []string{"y"})
	}
	_, _, err := rewriteGraph(g.Bytes())
	var fault *failure.Error
	if !errors.As(err, &fault) || fault.Kind != failure.KindTooLarge {
		t.Errorf("expected too_large, found %v", err)
	}
}

// FuzzRewrite: whatever the bytes, the rules end, and what they give is a graph again with the same outputs.
func FuzzRewrite(f *testing.F) {
	for _, d := range []tensor.DType{tensor.Float32, tensor.Float16} {
		g := &enginetest.Graph{}
		g.Input("x", d, "a", 4)
		g.Output("y", d, "a", 4)
		g.Constant("s", tensor.NewInt64([]int64{-1}, 1))
		g.Constant("w", tensor.Tensor{DType: tensor.Float16, Shape: []int64{1}, Raw: []byte{0, 60}})
		g.Node("Slice", []string{"x", "s", "s", "s", "s"}, []string{"a"})
		g.Node("GatherND", []string{"a", "s"}, []string{"b"})
		g.Node("Mul", []string{"b", "w"}, []string{"c"})
		g.Node("DequantizeLinear", []string{"c", "w"}, []string{"d"}, onnx.Int("axis", -1))
		g.Node("Softmax", []string{"d"}, []string{"e"}, onnx.Int("axis", 0))
		g.Node("Cast", []string{"e"}, []string{"f"}, onnx.Int("to", int64(tensor.Float16)))
		g.Node("Split", []string{"f"}, []string{"y"}, onnx.Ints("split", 1, 2))
		f.Add(g.Bytes())
	}
	f.Fuzz(func(t *testing.T, model []byte) {
		before, err := onnx.ReadHeadFrom(bytes.NewReader(model), int64(len(model)), "the graph")
		if err != nil {
			return // makeFolder gives no such graph to the rules
		}
		rewritten, _, err := rewriteGraph(model)
		if err != nil {
			return
		}
		after, err := onnx.ReadHeadFrom(bytes.NewReader(rewritten), int64(len(rewritten)), "the graph")
		if err != nil {
			t.Fatalf("the rewritten graph cannot be read: %v", err)
		}
		if !strings.HasPrefix(strings.Join(after.OutputNames(), "\x00"), strings.Join(before.OutputNames(), "\x00")) {
			t.Fatalf("outputs %q became %q", before.OutputNames(), after.OutputNames())
		}
	})
}

// BenchmarkRewrite rewrites a real graph of 69 MB, as the engine does before it loads it.
func BenchmarkRewrite(b *testing.B) {
	path := testenv.ParaphraseL3(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := rewriteGraph(detached(b, path)); err != nil {
			b.Fatal(err)
		}
	}
}
