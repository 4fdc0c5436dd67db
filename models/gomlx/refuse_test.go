package gomlx

import (
	"errors"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/enginetest"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// TestRefusedForms: what onnx-gomlx would compute otherwise than asked, or cannot convert, is an error that names the
// operator and the node.
func TestRefusedForms(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		op    string
		in    []string
		attrs []onnx.Attr
	}{
		"the last of equals": {"ArgMax", []string{"x"}, []onnx.Attr{onnx.Int("select_last_index", 1)}},
		"cubic":              {"Resize", []string{"x", "", "", "shape"}, []onnx.Attr{onnx.String("mode", "cubic")}},
		"nearest, by halves": {"Resize", []string{"x", "", "", "shape"}, nil},
		"antialias": {"Resize", []string{"x", "", "", "shape"},
			[]onnx.Attr{onnx.String("mode", "linear"), onnx.Int("antialias", 1)}},
		"axes of padding":       {"Pad", []string{"x", "shape", "", "shape"}, nil},
		"padding with the edge": {"Pad", []string{"x", "pads"}, []onnx.Attr{onnx.String("mode", "edge")}},
		"a bias in attention":   {"MultiHeadAttention", []string{"x", "x", "x", "c"}, []onnx.Attr{onnx.Int("num_heads", 1)}},
		"a mask of keys": {"MultiHeadAttention", []string{"x", "x", "x", "", "shape"},
			[]onnx.Attr{onnx.Int("num_heads", 1)}},
		"causal attention":          {"MultiHeadAttention", []string{"x", "x", "x"}, []onnx.Attr{onnx.Int("unidirectional", 1)}},
		"a past":                    {"MultiHeadAttention", []string{"x", "x", "x", "", "", "", "x", "x"}, nil},
		"rotary inside attention":   {"GroupQueryAttention", []string{"x", "x", "x"}, []onnx.Attr{onnx.Int("do_rotary", 1)}},
		"a capped softmax":          {"GroupQueryAttention", []string{"x", "x", "x"}, []onnx.Attr{onnx.Float("softcap", 2)}},
		"scaled rotary":             {"RotaryEmbedding", []string{"x", "i", "c", "c"}, []onnx.Attr{onnx.Float("scale", 2)}},
		"what depends on the texts": {"NonZero", []string{"x"}, nil},
		"batches of look-ups":       {"GatherND", []string{"x", "shape"}, []onnx.Attr{onnx.Int("batch_dims", 1)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := &enginetest.Graph{}
			g.Input("x", tensor.Float32, "a", "b", 4)
			g.Output("the result", tensor.Float32, "a", "b", "c")
			g.Constant("shape", tensor.NewInt64([]int64{2, 3, 4}, 3))
			g.Constant("pads", tensor.NewInt64([]int64{0, 0, 1, 0, 0, 1}, 6))
			g.Constant("c", tensor.NewFloat32([]float32{1, 2, 3, 4}, 4))
			g.Node(test.op, test.in, []string{"the result"}, test.attrs...)
			s, err := New().Open(t.Context(), g.Engine(""), engine.Options{TempDir: t.TempDir()})
			if err == nil {
				defer s.Close()
				x := tensor.NewFloat32(make([]float32, 24), 2, 3, 4)
				_, err = s.Run(t.Context(), []tensor.Named{{Name: "x", Tensor: x}}, []string{"the result"})
			}
			var fault *failure.Error
			if !errors.As(err, &fault) || fault.Kind != failure.KindUnsupportedOp {
				t.Fatalf("expected unsupported_op, found %v", err)
			}
			if !strings.Contains(fault.Message, test.op) || !strings.Contains(fault.Message, `"the result"`) ||
				strings.Contains(fault.Message, "\n") || strings.Count(fault.Message, "failed") > 0 {
				t.Errorf("expected one sentence that names %s and its node, found %q", test.op, fault.Message)
			}
		})
	}
}
