package probe_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/vocabulary"
)

// TestOutputs holds graphs whose outputs and inputs have other names, types, ranks or numbers than usual: what is measured is
// judged by the graph and by a run.
func TestOutputs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, graph string
		dimension   int
		modalities  []string
		warning     string
	}{
		{"clip-joint-embeddings", "", 24, []string{"image", "text"}, ""},
		{"clip-quantized-towers", "text_model_quantized.onnx", 24, []string{"image", "text"}, ""},
		{"clip-tower-pair", "", 24, []string{"image", "text"}, ""},
		{"eight-bit-vectors", "", 32, []string{"text"}, ""},
		{"output-without-shape", "", 32, []string{"text"}, ""},
		{"picture-states", "", 32, []string{"image"}, ""},
		{"siglip-text-graph", "text_model.onnx", 32, []string{"image", "text"}, ""},
		{"task-id-input", "", 32, []string{"text"}, "task"},
	} {
		for _, backend := range backends() {
			t.Run(c.name+"/"+backend, func(t *testing.T) {
				t.Parallel()
				r := measure(t, probe.Options{
					Ref: filepath.Join(testenv.Root(), "testdata", "cases", c.name, "model"), ONNXFile: c.graph, Backend: backend, Quick: true,
				})
				if r.Error != nil {
					t.Fatalf("%s: %s", r.Error.Kind, r.Error.Message)
				}
				if r.Dimension == nil || *r.Dimension != c.dimension {
					t.Errorf("expected %d dimensions, found %v", c.dimension, number(r.Dimension))
				}
				if !slices.Equal(r.Measured.Modalities, c.modalities) {
					t.Errorf("expected %q, found %q", c.modalities, r.Measured.Modalities)
				}
				if c.warning != "" && !strings.Contains(strings.Join(r.Warnings, "\n"), c.warning) {
					t.Errorf("expected a warning of the %s, found %q", c.warning, r.Warnings)
				}
				for _, d := range r.Drift {
					if d.Key == vocabulary.KeyModalities {
						t.Errorf("drift %+v", d)
					}
				}
				if f := r.Findings[vocabulary.KeyPooling]; c.name == "picture-states" && f.Value != nil && f.Value != vocabulary.PoolingUnknown {
					t.Errorf("a pooling that nothing declares or shows is measured: %v", f.Value)
				}
			})
		}
	}
}
