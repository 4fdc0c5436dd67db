package main

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/divinedevops/probe/internal/testenv"
)

// readReport is how vector-inspector reads a report: its own class, over stdout and stderr as one stream.
const readReport = `
import json, sys
from vector_inspector.core.model_registry import ModelInfo
print(json.dumps(ModelInfo.from_dict(json.load(sys.stdin)).to_dict()))
`

// TestVectorInspector gives the JSON report of a real model to vector-inspector's own ModelInfo.from_dict.
func TestVectorInspector(t *testing.T) {
	t.Parallel()
	python := testenv.Python(t)
	vars := map[string]string{}
	args := []string{"--model", testenv.MiniLM(t), "--json"}
	if lib, ok := backends(t)["onnxruntime"]; ok {
		vars = lib
	} else {
		args = append(args, "--backend", "go", "--length-budget", "0s")
	}
	got := invoke(t, vars, "", args...)
	if got.code != 0 {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	cmd := exec.Command(python, "-c", readReport)
	cmd.Stdin = strings.NewReader(got.stderr + got.stdout)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	var info map[string]any
	if err := json.Unmarshal(out, &info); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := map[string]any{
		"name": "all-MiniLM-L6-v2", "type": "sentence-transformer", "dimension": 384.0, "modality": "text",
		"normalization": "l2", "source": "local_path",
		"description": "Measured by probe: 384 dimensions, mean pooling, L2-normalized, texts up to 256 tokens",
	}
	if diff := cmp.Diff(want, info); diff != "" {
		t.Errorf("ModelInfo (-want +got):\n%s", diff)
	}
}
