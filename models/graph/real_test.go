package graph

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/weights"
	"github.com/divinedevops/probe/models/weights/safetensors"
)

// realTruth is what sentence-transformers gave for the real all-MiniLM-L6-v2 (testdata/graph/real/make.py).
type realTruth struct {
	IDs     [][]int64
	Vectors [][]float64
}

// cached lays a model folder out as the Hugging Face cache does: a snapshot of links into blobs.
func cached(t *testing.T, model string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "models--org--name")
	snapshot := filepath.Join(root, "snapshots", "0123")
	for _, dir := range []string{snapshot, filepath.Join(root, "blobs")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(filepath.Join(model, safetensors.SingleName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "blobs", "cafe"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(snapshot, safetensors.SingleName)
	if err := os.Symlink(filepath.Join("..", "..", "blobs", "cafe"), link); err != nil {
		t.Fatal(err)
	}
	return snapshot
}

// TestRealMiniLM compares the real all-MiniLM-L6-v2, mean-pooled and normalized, with sentence-transformers: from its
// folder and through a symlinked cache entry, in a batch that is padded.
func TestRealMiniLM(t *testing.T) {
	t.Parallel()
	model := testenv.MiniLM(t)
	config, err := os.ReadFile(filepath.Join(model, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(folder("real/all-MiniLM-L6-v2.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want realTruth
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"folder": model, "cache": cached(t, model)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, err := weights.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			result, err := Build(config, set)
			if err != nil {
				t.Fatal(err)
			}
			if result.MaxTokens != 512 || result.Parameters != 22713216 {
				t.Errorf("%d tokens, %d parameters", result.MaxTokens, result.Parameters)
			}
			got := sentences(t, fast(t), result.Graph, want.IDs)
			for i, vector := range want.Vectors {
				for j, x := range vector {
					if d := math.Abs(got[i][j] - x); !(d <= tolerance) {
						t.Fatalf("text %d, dimension %d: %g, sentence-transformers has %g", i, j, got[i][j], x)
					}
				}
			}
		})
	}
}

// sentences runs one padded batch and returns mean-pooled, normalized vectors.
func sentences(t *testing.T, e engine.Engine, g engine.Graph, ids [][]int64) [][]float64 {
	t.Helper()
	longest := 0
	for _, row := range ids {
		longest = max(longest, len(row))
	}
	c := truthCase{}
	for _, row := range ids {
		mask := slices.Repeat([]int64{1}, len(row))
		padding := make([]int64, longest-len(row))
		c.IDs = append(c.IDs, slices.Concat(row, padding))
		c.Mask = append(c.Mask, slices.Concat(mask, padding))
		c.Types = append(c.Types, make([]int64, longest))
	}
	session, err := e.Open(context.Background(), g, engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	out, err := session.Run(context.Background(), c.feed(t, g), []string{LastHiddenState})
	if err != nil {
		t.Fatal(err)
	}
	dim := int(out[0].Shape[2])
	vectors := make([][]float64, len(ids))
	for i, row := range ids {
		v, norm := make([]float64, dim), 0.0
		for j := range v {
			for k := range row {
				v[j] += float64(out[0].F32[(i*longest+k)*dim+j])
			}
			norm += v[j] * v[j]
		}
		for j := range v {
			v[j] /= math.Sqrt(norm)
		}
		vectors[i] = v
	}
	return vectors
}
