package weights_test

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/gomlx"
	"github.com/divinedevops/probe/models/graph"
	"github.com/divinedevops/probe/models/ort"
	"github.com/divinedevops/probe/models/tensor"
	"github.com/divinedevops/probe/models/weights"
)

var openORT = sync.OnceValues(func() (engine.Engine, error) {
	return ort.Open(filepath.Join(testenv.Root(), ".testenv", "lib", "libonnxruntime.so"))
})

// engines are those that this build has, by name.
func engines(t *testing.T) map[string]engine.Engine {
	t.Helper()
	out := map[string]engine.Engine{"go": gomlx.New()}
	if ort.Built {
		testenv.ONNXRuntime(t)
		e, err := openORT()
		if err != nil {
			t.Fatal(err)
		}
		out["onnxruntime"] = e
	}
	return out
}

// states runs the graph of a BERT over the weights, one batch of two texts of which one is padded, and returns all
// token states.
func states(t *testing.T, eng engine.Engine, config []byte, set *weights.Set) []float32 {
	t.Helper()
	built, err := graph.Build(config, set)
	if err != nil {
		t.Fatal(err)
	}
	session, err := eng.Open(context.Background(), built.Graph, engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	in := []tensor.Named{
		{Name: graph.InputIDs, Tensor: tensor.NewInt64([]int64{2, 10, 11, 3, 2, 12, 3, 0}, 2, 4)},
		{Name: graph.AttentionMask, Tensor: tensor.NewInt64([]int64{1, 1, 1, 1, 1, 1, 1, 0}, 2, 4)},
		{Name: graph.TokenTypeIDs, Tensor: tensor.NewInt64(make([]int64, 8), 2, 4)},
	}
	out, err := session.Run(context.Background(), in, []string{graph.LastHiddenState})
	if err != nil {
		t.Fatal(err)
	}
	return out[0].F32
}

// wantSameStates holds the weights against others that must give the same numbers, bit by bit, on every engine.
func wantSameStates(t *testing.T, config []byte, got, want *weights.Set) {
	t.Helper()
	for name, eng := range engines(t) {
		if a, b := states(t, eng, config, got), states(t, eng, config, want); len(a) == 0 || !slices.Equal(a, b) {
			t.Errorf("%s: the token states differ", name)
		}
	}
}
