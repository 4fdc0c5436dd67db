package card_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/source"
)

// laterStages are the broken models whose fault shows only when weights, tokenizer or graph are opened or run: finding the
// files and reading what they declare must succeed on them.
func laterStages() map[string]bool {
	out := map[string]bool{}
	for _, name := range []string{
		"config-absurd", "config-lying-layers", "config-lying-size", "config-missing-tensor", "config-unknown-option",
		"config-unknown-type", "onnx-classifier", "onnx-fails-to-run", "onnx-inf-output", "onnx-nan-output", "onnx-regression",
		"onnx-unknown-op", "pickle-code", "pickle-only", "pickle-truncated", "safetensors-duplicate", "safetensors-empty", "safetensors-header-cut", "safetensors-header-deep",
		"safetensors-header-garbage", "safetensors-header-huge", "safetensors-nan", "safetensors-no-config", "safetensors-overlap",
		"safetensors-past-end", "safetensors-shape", "safetensors-shape-overflow", "safetensors-truncated", "shard-missing",
		"shard-outside", "tokenizer-deep", "tokenizer-garbage", "tokenizer-unknown-model",
	} {
		out[name] = true
	}
	return out
}

// open does what every probe does before weights are touched.
func open(ref string) error {
	src, err := source.Resolve(ref, source.Options{})
	if err != nil {
		return err
	}
	if _, err := card.Read(src); err != nil {
		return err
	}
	if src.ONNXPath == "" {
		return nil
	}
	head, err := onnx.ReadHead(src.ONNXPath)
	if err != nil {
		return err
	}
	return onnx.CheckExternal(head, filepath.Dir(src.ONNXPath))
}

// TestBrokenZoo: each broken model fails with the kind that broken.json documents, here or in a later stage.
func TestBrokenZoo(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(testenv.Root(), "testdata", "broken")
	data, err := os.ReadFile(filepath.Join(dir, "broken.json"))
	if err != nil {
		t.Fatal(err)
	}
	var broken struct {
		Cases []struct {
			Name, Ref string
			Kind      failure.Kind  `json:"expect_kind"`
			Stage     failure.Stage `json:"expect_stage"`
		}
	}
	if err := json.Unmarshal(data, &broken); err != nil {
		t.Fatal(err)
	}
	if len(broken.Cases) < 20 {
		t.Fatalf("expected at least 20 cases, found %d", len(broken.Cases))
	}
	later := laterStages()
	for _, c := range broken.Cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			err := open(filepath.Join(dir, filepath.FromSlash(c.Ref)))
			if err == nil && later[c.Name] {
				return
			}
			var e *failure.Error
			if !errors.As(err, &e) || e.Kind != c.Kind || e.Stage != c.Stage {
				t.Errorf("expected %s at %s, found %v", c.Kind, c.Stage, err)
			}
		})
	}
}
