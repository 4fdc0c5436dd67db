package models_test

import (
	"path/filepath"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/onnx"
)

// TestRealPooler reads published graphs whose pooler has a number for a name, in float32 and in int8.
func TestRealPooler(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"all-minilm-l6-v2", "all-minilm-l6-v2-q"} {
		head, err := onnx.ReadHead(filepath.Join(testenv.LangChain4j(t, name), name+".onnx"))
		if err != nil {
			t.Fatal(err)
		}
		for i, out := range head.Outputs {
			if got, want := head.IsPooler(out.Name), i == 1; got != want {
				t.Errorf("%s: output %q: pooler %v, expected %v", name, out.Name, got, want)
			}
		}
	}
}
